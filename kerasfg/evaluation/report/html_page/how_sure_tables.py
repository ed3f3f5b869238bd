"""Tables of parts of the pictures and of thresholds for the HTML report."""

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.report.html_page.table import ALL_CLASSES
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import with_interval
from kerasfg.evaluation.report.html_page.table import worst
from kerasfg.evaluation.report.terminal_how_sure import NO_VALUE
from kerasfg.evaluation.report.terminal_how_sure import ordered
from kerasfg.evaluation.report.terminal_how_sure import thresholds_sentence


def slices_tables(runs):
    """Returns a table for each column that runs were compared by."""
    names = dict.fromkeys(
        name for run in runs for name in run.test.get("slices", {})
    )
    headers = ("value", "run", "pictures", "top-1", "95 % interval")
    tables = []
    for name in names:
        rows = [
            (
                NO_VALUE if row["value"] is None else row["value"],
                run.name,
                f"{row['n']:,}",
                percent(row["top_1"]),
                with_interval(row, "top_1"),
            )
            for run in runs
            for row in ordered(
                run.test.get("slices", {}).get(
                    name, {"numbers": False, "values": []}
                )
            )
        ]
        tables.append(Table(f"By {name}", headers, rows, texts=2))
    return tables


def thresholds_tables(runs):
    """Returns pairs of a table of the classes' thresholds and a sentence."""
    return [
        (_thresholds(run), thresholds_sentence(run.report))
        for run in runs
        if "class_thresholds" in run.test
    ]


def folds_tables(report):
    """Returns tables of a `folds.json`: of its folds and of its classes."""
    together = {"run": "together", **report["test"]}
    headers = ("run", "pictures", "top-1", "95 % interval", "top-3")
    headers += ("balanced", "95 % interval", "macro-F1", "95 % interval")
    rows = [
        (
            row["run"],
            f"{row['n']:,}",
            percent(row["top_1"]),
            with_interval(row, "top_1"),
            percent(row.get("top_3")),
            percent(row.get("balanced_accuracy")),
            with_interval(row, "balanced_accuracy"),
            percent(row.get("macro_f1")),
            with_interval(row, "macro_f1"),
        )
        for row in [*report["folds"], together]
    ]
    tables = [Table("Each picture tested once", headers, rows)]
    tested = [row for row in report["test"]["per_class"] if row["n"]]
    tested.sort(key=lambda row: row["accuracy"])
    headers = ("class", "pictures", "accuracy", "95 % interval", "precision")
    rows = [
        (
            row["class"],
            f"{row['n']:,}",
            percent(row["accuracy"]),
            with_interval(row, "accuracy"),
            percent(row["precision"]),
        )
        for row in tested
    ]
    caption = "Classes over all folds, the worst first"
    return [*tables, worst(caption, headers, rows, "folds.json")]


def _thresholds(run):
    headers = ("class", "not sure below", "its own", "validation pictures")
    headers += ("right of these", "promised", "answered", "of those answers")
    headers += ("right", "95 % interval")
    measured = list(
        zip(
            run.report["classes"],
            run.report["class_thresholds"]["thresholds"],
            run.report["val"]["class_thresholds"],
            run.test["class_thresholds"]["per_class"],
            strict=True,
        )
    )
    if len(measured) > ALL_CLASSES:
        measured.sort(key=lambda found: found[3]["precision"] or 0.0)
    rows = [
        (
            name,
            percent(limit),
            "yes" if of_val["own"] else "no",
            f"{of_val['kept']:,} of {of_val['named']:,}",
            f"{of_val['right']:,}" if of_val["kept"] else NONE,
            "yes" if of_val["promised"] else "no",
            f"{row['n']:,}",
            f"{row['named']:,}",
            percent(row["precision"]),
            with_interval(row, "precision"),
        )
        for name, limit, of_val, row in measured
    ]
    rows.sort(key=lambda row: row[8] == NONE)
    caption = f"Thresholds of the classes, {run.name}"
    return worst(caption, headers, rows, "report.json")
