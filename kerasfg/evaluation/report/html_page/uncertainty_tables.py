"""Tables of the runs' answers that are not sure, for the HTML report."""

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Interval
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import number
from kerasfg.evaluation.report.html_page.table import spread
from kerasfg.evaluation.report.html_page.table import with_interval


def levels_table(runs):
    """Returns a table of the answers at each level, or `None`."""
    rows = []
    for run in runs:
        found = run.test.get("levels")
        if not found:
            continue
        mistakes = [None, *found["mistakes"][:-1]]
        for level, given, mistake in zip(
            found["levels"], found["answers"][:-1], mistakes, strict=True
        ):
            rows.append(
                (
                    run.name,
                    level["name"],
                    f"{level['groups']:,}",
                    percent(level["top_1"]),
                    Interval(level["top_1"], *level["top_1_interval"]),
                    percent(given["share"]),
                    percent(given["accuracy"]),
                    with_interval(given, "accuracy"),
                    percent(mistake["share"]) if mistake else NONE,
                )
            )
    headers = ("run", "level", "names", "top-1", "95 % interval", "given")
    headers += ("right when given", "95 % interval", "of mistakes")
    caption = "Coarser names, test pictures"
    return Table(caption, headers, rows, texts=2) if rows else None


def questions_table(runs):
    """Returns a table of the accuracy after questions, or `None`."""
    rows = []
    for run in runs:
        found = run.test.get("questions")
        if not found:
            continue
        for always, unsure in zip(
            found["always"], found["unsure"], strict=True
        ):
            rows.append(
                (
                    run.name,
                    f"{always['questions']}",
                    spread(always["top_1"]),
                    _of_mean(always),
                    spread(unsure["top_1"]),
                    _of_mean(unsure),
                    percent(unsure["asked"]),
                )
            )
    headers = ("run", "questions", "top-1, each picture asked about")
    headers += ("95 % interval", "top-1, where not sure", "95 % interval")
    headers += ("asked about",)
    caption = "Simulated answers, test pictures; mean ± standard deviation"
    return Table(caption, headers, rows) if rows else None


def _of_mean(found):
    """Returns the interval of a mean over seeds, a dash in older reports."""
    interval = found.get("top_1_interval")
    return Interval(found["top_1"]["mean"], *interval) if interval else NONE


def sets_table(runs):
    """Returns a table of prediction sets and their coverage, or `None`."""
    rows = [
        (
            run.name,
            f"{100 * found['promised']:.0f} %",
            percent(found["coverage"]),
            Interval(found["coverage"], *found["coverage_interval"]),
            number(found["mean_size"], 1),
            percent(found["one"]),
            percent(found["two"]),
            percent(found["random"]["coverage"]),
            number(found["random"]["mean_size"], 1),
        )
        for run in runs
        for found in run.test.get("prediction_sets", ())
    ]
    headers = ("run", "promised", "held", "95 % interval", "names")
    headers += ("one name", "two names", "held, mean of divisions")
    headers += ("names, mean of divisions",)
    caption = "Sets of classes that contain the true one, test pictures"
    return Table(caption, headers, rows) if rows else None
