"""Tables of the runs' results for the HTML report."""

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.display import percents
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Interval
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import number
from kerasfg.evaluation.report.html_page.table import spread
from kerasfg.evaluation.report.html_page.table import worst
from kerasfg.evaluation.report.terminal_table import MOST_ATTRIBUTES


def accuracy_table(runs):
    """Returns a table of the runs' accuracies on the test pictures."""
    headers = ("run", "pictures", "classes", "top-1", "95 % interval")
    rows = [
        (
            run.name,
            f"{run.test['n']:,}",
            f"{len(run.report['classes']):,}",
            percent(run.test["top_1"]),
            Interval(run.test["top_1"], *run.test["top_1_interval"]),
        )
        for run in runs
    ]
    return Table("Test pictures", headers, rows)


def other_accuracies_table(runs):
    """Returns a table of further measures, each with its interval."""
    headers = ("run", "top-3", "balanced", "macro-F1", "validation, top-1")
    rows = [
        (
            run.name,
            _in_words(run.test, "top_3"),
            _in_words(run.test, "balanced_accuracy"),
            _in_words(run.test, "macro_f1"),
            _in_words(run.report["val"], "top_1"),
        )
        for run in runs
    ]
    return Table("With 95 % intervals", headers, rows)


def _in_words(found, key):
    """Returns a share and its interval, which older reports may lack."""
    text, interval = percent(found[key]), found.get(f"{key}_interval")
    return f"{text} ({percents(interval)})" if interval else text


def seeds_table(groups):
    """Returns a table of the recipes with several seeds, or `None`."""
    measures = {
        "top-1": lambda run: run.test["top_1"],
        "macro-F1": lambda run: run.test["macro_f1"],
        "calibration error": lambda run: run.test["calibration"]["error"],
        "validation": lambda run: run.report["val"]["top_1"],
    }
    rows = [
        (
            group.name,
            ", ".join(str(run.seed) for run in group.runs),
            *(spread(group.summary(value)) for value in measures.values()),
        )
        for group in groups
        if len(group.runs) > 1
    ]
    if not rows:
        return None
    caption = "Mean ± standard deviation over the seeds of one recipe"
    return Table(caption, ("runs", "seeds", *measures), rows, texts=2)


def calibration_table(runs):
    """Returns a table of the runs' calibration on the test pictures."""
    headers = ("run", "error", "with temperature", "temperature", "likelihood")
    headers += ("not sure below", "sure", "right when sure", "95 % interval")
    return Table("Test pictures", headers, [_calibration(run) for run in runs])


def _calibration(run):
    found, sure = run.test["calibration"], run.test["sure"]
    right = sure["accuracy"]
    return (
        run.name,
        percent(found["error"]),
        percent(found["error_after_temperature"]),
        number(run.report["temperature"], 2),
        number(found["nll"], 3),
        percent(run.report["threshold"]),
        percent(sure["coverage"]),
        percent(right),
        NONE if right is None else Interval(right, *sure["accuracy_interval"]),
    )


def resolution_table(runs):
    """Returns a table with a row for each run and resolution, or `None`."""
    rows = [
        (
            run.name,
            f"{row['resolution']}",
            f"{row['n']:,}",
            percent(row["top_1"]),
            Interval(row["top_1"], *row["top_1_interval"]),
        )
        for run in runs
        for row in run.test.get("resolutions", ())
    ]
    headers = ("run", "pixels", "pictures", "top-1", "95 % interval")
    return Table("Test pictures", headers, rows) if rows else None


def class_table(runs):
    """Returns a table of each class's accuracy in each run, worst first."""
    shares = {}
    for i, run in enumerate(runs):
        for found in run.test["per_class"]:
            shares.setdefault(found["class"], {})[i] = found

    def mean(name):
        known = [x["accuracy"] for x in shares[name].values()]
        known = [x for x in known if x is not None]
        return sum(known) / len(known) if known else 2  # sorts unknown last

    rows = [
        (
            name,
            *(
                _in_words(shares[name].get(i, {"accuracy": None}), "accuracy")
                for i in range(len(runs))
            ),
        )
        for name in sorted(shares, key=mean)
    ]
    headers = ("class", *(run.name for run in runs))
    caption = "Accuracy by class, the worst first"
    return worst(caption, headers, rows, "per_class.csv of each run")


def pair_table(run):
    """Returns a table of the classes that a run confuses most, or `None`."""
    rows = [
        (
            pair["true"],
            pair["predicted"],
            f"{pair['count']:,}",
            percent(pair["share"]),
            percent(pair["symmetric_share"]),
        )
        for pair in run.test["worst_pairs"]
    ]
    headers = ("true", "predicted", "times", "of class", "of both")
    caption = "Taken for one another most often"
    return Table(caption, headers, rows, texts=2) if rows else None


def attribute_table(runs):
    """Returns a table with a row for each attribute and run, or `None`.

    It shows the attributes that are confused most, at most as many as the
    terminal shows.
    """
    rates = {}
    for run in runs:
        for name, found in run.test.get("attributes", {}).items():
            if found["n"]:
                rates.setdefault(name, []).append((run, found))
    most_confused = sorted(
        rates, key=lambda name: -max(x["rate"] for _, x in rates[name])
    )
    rows = [
        (
            name,
            run.name,
            f"{found['n']:,}",
            f"{found['confused']:,}",
            percent(found["rate"]),
            Interval(found["rate"], *found["interval"]),
            percent(found["share_of_mistakes"]),
            percent(found["chance_share"]),
        )
        for name in most_confused[:MOST_ATTRIBUTES]
        for run, found in rates[name]
    ]
    headers = ("attribute", "run", "pictures", "crossed", "rate")
    headers += ("95 % interval", "of mistakes", "by chance")
    left = len(rates) - MOST_ATTRIBUTES
    more = f"; {left} more are in report.json" if left > 0 else ""
    caption = f"Taken for a class with another attribute value{more}"
    return Table(caption, headers, rows, texts=2) if rows else None
