"""Tables of parts of the pictures and of thresholds for a terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from kerasfg.evaluation.display import display_name
from kerasfg.evaluation.display import percent
from kerasfg.evaluation.display import percents
from kerasfg.evaluation.report.terminal_style import new_table

ALL_CLASSES = 20
NO_VALUE = "(no value)"


def how_sure_tables(report) -> Iterator[Table]:
    """Yields the tables for which a report has data.

    Args:
        report: Dict as `kerasfg.evaluation.evaluate_predictions` returns it.
    """
    for name, found in report["test"].get("slices", {}).items():
        yield _slices(name, found)
    if "class_thresholds" in report.get("test", {}):
        yield _thresholds(report)


def ordered(found):
    """Returns the parts of a column: words the worst first, numbers rising."""
    rows = [row for row in found["values"] if row["value"] is not None]
    without = [row for row in found["values"] if row["value"] is None]
    if not found["numbers"]:
        rows.sort(key=lambda row: row["top_1"])
    return rows + without


def thresholds_sentence(report):
    """Returns sentences on the thresholds of the classes.

    Args:
        report: A report with `class_thresholds`.
    """
    test = report["test"]["class_thresholds"]
    classes = report["val"]["class_thresholds"]
    own = sum(row["own"] for row in classes)
    promised = sum(row["promised"] for row in classes)
    right, few = "none of them", ""
    if own < len(classes):
        few = (
            ", the others too few validation pictures (fewer than 10 with this "
            "answer)"
        )
    if test["n"]:
        interval = percents(test["accuracy_interval"])
        right = f"{percent(test['accuracy'])} ({interval}) of these"
    return (
        f"Wanted: {percent(report['class_thresholds']['precision'])} right. "
        f"Test: {percent(test['coverage'])} "
        f"({percents(test['coverage_interval'])}) of the pictures are "
        f"answered, {right} right. {own} of {len(classes)} classes have a "
        f"threshold of their own{few}; the validation pictures are enough to "
        f"guarantee it for {promised} of them."
    )


def _slices(name, found):
    table = new_table(f"Accuracy by {display_name(name, 40)}")
    table.add_column(
        Text(display_name(name)),
        no_wrap=True,
        overflow="ellipsis",
        max_width=40,
    )
    for header in ("n", "top-1", "95 % interval"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in ordered(found):
        value = NO_VALUE if row["value"] is None else row["value"]
        table.add_row(
            Text(display_name(value)),
            f"{row['n']:,}",
            percent(row["top_1"]),
            percents(row["top_1_interval"]),
        )
    return table


def _thresholds(report):
    table = new_table("Not sure by class")
    table.caption = Text(thresholds_sentence(report))
    table.add_column("class", no_wrap=True, overflow="ellipsis", max_width=26)
    for header in ("below", "answered", "right", "95 % interval"):
        table.add_column(header, justify="right", no_wrap=True)
    rows = list(
        zip(
            report["classes"],
            report["class_thresholds"]["thresholds"],
            report["test"]["class_thresholds"]["per_class"],
            strict=True,
        )
    )
    rows.sort(key=lambda row: -row[1])
    for name, limit, row in rows[:ALL_CLASSES]:
        table.add_row(
            Text(display_name(name)),
            percent(limit),
            f"{row['n']:,} of {row['named']:,}",
            percent(row["precision"]),
            percents(row["precision_interval"]),
        )
    left = len(rows) - ALL_CLASSES
    if left > 0:
        table.add_row(Text(f"… {left} more in report.json …", "dim"))
    return table
