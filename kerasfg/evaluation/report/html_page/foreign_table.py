"""The table of pictures of none of the classes, for the HTML report."""

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Interval
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import number


def foreign_table(runs):
    """Returns a table of foreign pictures taken for known, or `None`."""
    rows = []
    for run in runs:
        found = run.test.get("familiarity") or {}
        fitted_on = found.get("negatives")
        for row in found.get("foreign", ()):
            passed = row["let_through"]
            rows.append(
                (
                    run.name,
                    row["name"],
                    f"{row['pictures']:,}",
                    percent(passed),
                    Interval(passed, *row["let_through_interval"]),
                    percent(found["kept"]),
                    number(row["auroc"], 3),
                    NONE if fitted_on is None else f"{fitted_on:,}",
                )
            )
    headers = ("run", "folder", "pictures", "taken for known", "95 % interval")
    headers += ("test pictures known", "AUROC", "negatives fitted on")
    caption = "Pictures of none of the classes"
    return Table(caption, headers, rows, texts=2) if rows else None
