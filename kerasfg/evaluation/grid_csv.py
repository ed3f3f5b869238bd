"""The trainings of a grid as CSV."""

import csv
import io


def to_csv(rows):
    """Returns the text of a CSV file with a line for each training.

    Args:
        rows: As for `kerasfg.evaluation.grid_summary.summarize`, with
            `epochs`, `test_nll`, `training_seconds` and `seconds_per_epoch`
            besides.
    """
    keys = dict.fromkeys(key for row in rows for key in row["values"])
    names = dict.fromkeys(name for row in rows for name in row["confusion"])
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    measured = ["val_accuracy", "test_accuracy", "test_nll"]
    seconds = ["training_seconds", "seconds_per_epoch"]
    confused = [f"confused: {name}" for name in names]
    writer.writerow(
        ["method", *keys, "seed", "stage", "epochs"]
        + [*measured, *confused, *seconds]
    )
    for row in rows:
        writer.writerow(
            [row["method"], *(row["values"].get(key, "") for key in keys)]
            + [row["seed"], row["stage"], row["epochs"]]
            + [f"{row[key]:.4f}" for key in measured]
            + [_rate(row["confusion"].get(name)) for name in names]
            + [f"{row[key]:.1f}" for key in seconds]
        )
    return file.getvalue()


def _rate(rate):
    return "" if rate is None else f"{rate:.4f}"
