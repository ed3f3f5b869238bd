"""Prints a report as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from kerasfg.evaluation.clients.client_table import printed
from kerasfg.evaluation.display import ELLIPSIS
from kerasfg.evaluation.display import display_name
from kerasfg.evaluation.display import percent
from kerasfg.evaluation.display import percents
from kerasfg.evaluation.report.terminal_how_sure import how_sure_tables
from kerasfg.evaluation.report.terminal_style import new_table

# With more classes than ALL_CLASSES only the worst and the best are shown.
ALL_CLASSES = 20
WORST_CLASSES = 10
BEST_CLASSES = 3
MOST_ATTRIBUTES = 10
BAR_WIDTH = 8


def print_report(
    report: Mapping[str, Any], console: Console | None = None
) -> None:
    """Prints a report as tables that fit a terminal of 80 columns.

    Args:
        report: Dict as `evaluate_predictions` returns it.
        console: `rich.console.Console` to print to. Defaults to `None`: the
            standard output.
    """
    console = Console() if console is None else console
    tables = [_summary(report), classes_table(report["test"]["per_class"])]
    if report["test"]["worst_pairs"]:
        tables.append(pairs_table(report["test"]["worst_pairs"]))
    if "attributes" in report["test"]:
        tables.append(_attributes(report["test"]["attributes"]))
    if "levels" in report["test"]:
        tables.append(_levels(report["test"]["levels"]))
    if "questions" in report["test"]:
        tables.append(_questions(report["test"]["questions"]))
    tables.extend(how_sure_tables(report))
    if (report["test"].get("familiarity") or {}).get("foreign"):
        tables.append(_foreign(report["test"]["familiarity"]))
    for table in tables:
        console.print()
        console.print(table)
    console.print()
    if "clients" in report["test"]:
        console.print(*printed(report["test"]["clients"]), sep="\n")
        console.print()


def _summary(report):
    test, val = report["test"], report["val"]
    classes = len(report["classes"])
    table = new_table("Test set", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row("Pictures", f"{test['n']:,} of {classes:,} classes")
    table.add_row(
        "Top-1",
        Text.assemble(
            (percent(test["top_1"]), "bold green"),
            f" (95 % interval {percents(test['top_1_interval'])}; "
            f"validation {percent(val['top_1'])})",
        ),
    )
    # With k or fewer classes, the true class is always among the first k.
    for k in (3, 5):
        if k < classes:
            table.add_row(f"Top-{k}", _with_interval(test, f"top_{k}"))
    table.add_row(
        "Balanced accuracy", _with_interval(test, "balanced_accuracy")
    )
    table.add_row("Macro-F1", _with_interval(test, "macro_f1"))
    calibration = test["calibration"]
    table.add_row(
        "Calibration error",
        f"{percent(calibration['error'])}, and "
        f"{percent(calibration['error_after_temperature'])} with temperature "
        f"{report['temperature']:.2f}",
    )
    for label, value in _sure(report):
        table.add_row(label, value)
    for label, value in _sets(test):
        table.add_row(label, value)
    if "resolutions" in test:
        table.add_row("From farther away", _resolutions(test["resolutions"]))
    if "groups" in report:
        table.add_row("Groups", _groups(report["groups"]))
    return table


def _with_interval(found, key):
    """Returns a share and its interval, which older reports lack."""
    interval = found.get(f"{key}_interval")
    text = percent(found[key])
    return f"{text} ({percents(interval)})" if interval else text


def _groups(groups):
    """Returns a line about the groups kept on one side of the split."""
    by = f" by {groups['group_by']}" if groups["group_by"] else ""
    text = f"{groups['groups']:,}{by} among {groups['pictures']:,} pictures"
    copies = groups["copies"]
    if copies["identical"] or copies["look_alikes"]:
        text += (
            f"; {copies['identical']:,} are the same file as another, "
            f"{copies['look_alikes']:,} look like another"
        )
    return Text(text)


def _sure(report):
    sure = report["test"]["sure"]
    yield "Not sure", f"below {percent(report['threshold'])} confidence"
    right = ""
    if sure["n"]:
        right = f", {_with_interval(sure, 'accuracy')} of them right"
    yield "Sure", f"{percent(sure['coverage'])} of the pictures{right}"


def _sets(test):
    """Returns a line about the size of the sets of a coverage."""
    for found in test.get("prediction_sets", ())[1:2]:
        yield (
            f"Sets of {100 * found['promised']:.0f} %",
            f"{found['mean_size']:.1f} names on average, "
            f"{_with_interval(found, 'coverage')} contain the true one",
        )


def _resolutions(rows):
    return ", ".join(
        f"{_with_interval(row, 'top_1')} at {row['resolution']} px"
        for row in rows
    )


def classes_table(per_class):
    """Returns a table of the accuracy of each class, the worst first."""
    tested = [c for c in per_class if c["n"]]
    tested.sort(key=lambda c: c["accuracy"])
    table = new_table("Classes, the worst first")
    table.add_column("class", no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("accuracy", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("precision", justify="right", no_wrap=True)
    few = len(tested) <= ALL_CLASSES
    for row in tested if few else tested[:WORST_CLASSES]:
        table.add_row(*_class_row(row))
    if not few:
        between = len(tested) - WORST_CLASSES - BEST_CLASSES
        table.add_row(Text(f"{ELLIPSIS} {between} more {ELLIPSIS}", "dim"))
        for row in tested[-BEST_CLASSES:]:
            table.add_row(*_class_row(row))
    absent = [display_name(c["class"], 32) for c in per_class if not c["n"]]
    if absent:
        names = ", ".join(absent[:3]) + (f", {ELLIPSIS}" * (len(absent) > 3))
        table.caption = Text(f"Without a test picture: {len(absent)} ({names})")
    return table


def _class_row(row):
    return (
        Text(display_name(row["class"])),
        f"{row['n']:,}",
        percent(row["accuracy"]),
        percents(row.get("accuracy_interval")),
        _bar(row["accuracy"]),
        percent(row["precision"]),
    )


def _bar(share):
    full = round(share * BAR_WIDTH)
    return Text("━" * full + " " * (BAR_WIDTH - full), "green")


def pairs_table(pairs):
    """Returns a table of the worst pairs of classes, `None` for none."""
    if not pairs:
        return None
    table = new_table("Taken for one another most often")
    for header in ("true", "predicted"):
        table.add_column(
            header, no_wrap=True, overflow="ellipsis", max_width=22
        )
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("of class", justify="right", no_wrap=True)
    table.add_column("of both", justify="right", no_wrap=True)
    for pair in pairs:
        table.add_row(
            Text(display_name(pair["true"])),
            Text(display_name(pair["predicted"])),
            f"{pair['count']:,}",
            percent(pair["share"]),
            percent(pair["symmetric_share"]),
        )
    return table


def _attributes(attributes):
    table = new_table("Taken for a class with another attribute value")
    table.add_column(
        "attribute", no_wrap=True, overflow="ellipsis", max_width=24
    )
    for header in ("n", "times", "rate", "of mistakes", "by chance"):
        table.add_column(header, justify="right", no_wrap=True)
    known = [item for item in attributes.items() if item[1]["n"]]
    known.sort(key=lambda item: -item[1]["rate"])
    for name, found in known[:MOST_ATTRIBUTES]:
        table.add_row(
            Text(display_name(name)),
            f"{found['n']:,}",
            f"{found['confused']:,}",
            percent(found["rate"]),
            percent(found["share_of_mistakes"]),
            percent(found["chance_share"]),
        )
    more = len(attributes) - min(len(known), MOST_ATTRIBUTES)
    if more:
        table.add_row(Text(f"{ELLIPSIS} {more} more {ELLIPSIS}", "dim"))
    return table


def _levels(found):
    """Returns a table of the answers at each level of coarser names."""
    table = new_table("Where the class is not sure, a coarser name")
    table.add_column("level", no_wrap=True, overflow="ellipsis", max_width=24)
    headers = ("names", "top-1", "95 % interval", "given", "right", "mistakes")
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    mistakes = [None, *found["mistakes"]]
    for level, given, mistake in zip(
        found["levels"], found["answers"], mistakes, strict=False
    ):
        table.add_row(
            Text(display_name(level["name"])),
            f"{level['groups']:,}",
            percent(level["top_1"]),
            percents(level.get("top_1_interval")),
            percent(given["share"]),
            percent(given["accuracy"]),
            percent(mistake["share"] if mistake else None),
        )
    nothing = percent(found["answers"][-1]["share"])
    table.caption = Text(f"Not sure at any level: {nothing} of the pictures")
    return table


def _questions(found):
    """Returns a table of the accuracy after none, one and two questions."""
    table = new_table("Top-1 after questions")
    right = f"{100 * (1 - found['wrong']):.0f} %"
    table.caption = Text(f"Simulated; {right} of the answers are right")
    headers = ("questions", "always asked", "95 % interval")
    for header in (*headers, "where not sure", "95 % interval", "asked"):
        table.add_column(header, justify="right", no_wrap=True)
    for always, unsure in zip(found["always"], found["unsure"], strict=True):
        table.add_row(
            f"{always['questions']}",
            percent(always["top_1"]["mean"]),
            percents(always.get("top_1_interval")),
            percent(unsure["top_1"]["mean"]),
            percents(unsure.get("top_1_interval")),
            percent(unsure["asked"]),
        )
    return table


def _foreign(found):
    """Returns a table of how many foreign pictures are taken for known ones."""
    table = new_table("Pictures of none of the classes")
    table.add_column("folder", no_wrap=True, overflow="ellipsis", max_width=24)
    for header in ("n", "taken for known", "95 % interval", "AUROC"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in found["foreign"]:
        low, high = row["let_through_interval"]
        table.add_row(
            Text(display_name(row["name"])),
            f"{row['pictures']:,}",
            percent(row["let_through"]),
            f"{percent(low)} to {percent(high)}",
            f"{row['auroc']:.3f}",
        )
    kept = percent(found["kept"])
    table.caption = Text(f"Of the test pictures {kept} count as known")
    return table
