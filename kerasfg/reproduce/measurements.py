"""Reads and makes the measurements of finished trainings."""

import statistics

from kerasfg.evaluation.report.history import read_history
from kerasfg.evaluation.report.report import read_report
from kerasfg.reproduce.tables.csv_file import rounded
from kerasfg.run.trained_run import TrainedRun
from kerasfg.terminal_text import visible


def measure(run):
    """Reads the measurements of a finished training.

    Shares are rounded like those in the grid's CSV file, so that both sources
    give the same numbers.

    Args:
        run: The training's `RunFolder`.

    Returns:
        Dictionary: `epochs`, `val_accuracy`, `test_accuracy`, `test_balanced`
        (the mean of the accuracies of the classes), `test_top_3`, `test_top_5`
        (`None` with fewer classes), `test_nll`, `confusion` (dictionary from
        attributes to rates), `resolutions` (dictionary from
        pixels to test accuracies; empty if not measured), `training_seconds`
        and `seconds_per_epoch` (both 0 if nothing was trained).
    """
    report = read_report(run.report)
    seconds = [float(row["seconds"]) for row in read_history(run.history)]
    test = report["test"]
    return {
        "epochs": len(seconds),
        "val_accuracy": rounded(report["val"]["top_1"]),
        "test_accuracy": rounded(test["top_1"]),
        "test_balanced": rounded(test.get("balanced_accuracy")),
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


def measure_curves(results, data, console):
    """Evaluates the models of a grid at its `resolutions`, once each.

    Args:
        results: The `GridResults`, with all trainings finished.
        data: Place of the pictures; `None` means the place of the training.
        console: `rich.console.Console` to print the progress to.
    """
    wanted = results.grid.resolutions
    for cell in results.cells():
        measured = results.measured.get(cell.name)
        is_done = measured is None or {*wanted} <= {*measured["resolutions"]}
        has_model = results.run(cell).model.exists()
        if cell.final and has_model and not is_done:
            console.print(visible(f"Testing {cell.name}"), markup=False)
            run = TrainedRun(
                results.run(cell).path,
                data=cell.place(results.grid, data),
                verbose=False,
            )
            run.evaluate(resolutions=run.resolution_curve(wanted))
            results.read_run(cell)
