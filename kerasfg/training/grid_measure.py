"""What a table wants to know of one training, from its run folder."""

import csv
import statistics

from kerasfg.evaluation.grid_csv import rounded
from kerasfg.evaluation.report import read_report


def measure(run):
    """Reads what was measured of a training that has ended.

    Shares have the digits that a record of it in a CSV file has, so that it
    makes no difference which of both is read.

    Args:
        run: Its `RunFolder`.

    Returns:
        Dictionary: `epochs`, `val_accuracy`, `test_accuracy`, `test_top_3`,
        `test_top_5` (`None` where there are not as many classes), `test_nll`,
        `confusion` (from attributes to rates), `resolutions` (from pixels to
        test accuracies, where they were asked for), `training_seconds` and
        `seconds_per_epoch`, both 0 where nothing was trained.
    """
    report = read_report(run.report)
    seconds = [float(row["seconds"]) for row in read_history(run)]
    test = report["test"]
    return {
        "epochs": len(seconds),
        "val_accuracy": rounded(report["val"]["top_1"]),
        "test_accuracy": rounded(test["top_1"]),
        "test_top_3": rounded(test.get("top_3")),
        "test_top_5": rounded(test.get("top_5")),
        "test_nll": rounded(test["calibration"]["nll"]),
        "confusion": {
            name: rounded(confusion["rate"])
            for name, confusion in test.get("attributes", {}).items()
        },
        "resolutions": {
            row["resolution"]: rounded(row["top_1"])
            for row in test.get("resolutions", ())
        },
        "training_seconds": sum(seconds),
        "seconds_per_epoch": statistics.median(seconds or [0.0]),
    }


def read_history(run):
    """Returns the rows of a run's `history.csv` as dictionaries of texts.

    Args:
        run: Its `RunFolder`. One without a history gives no rows.
    """
    if not run.history.exists():
        return []
    with open(run.history, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
