"""The trainings of a grid as CSV."""

import csv
import io

ACCURACIES = ("val_accuracy", "test_accuracy", "test_top_3", "test_top_5")
SECONDS = ("training_seconds", "seconds_per_epoch")


def to_csv(rows):
    """Returns the text of a CSV file with a line for each training.

    Args:
        rows: As for `kerasfg.evaluation.grid_summary.summarize`, with
            `epochs`, `test_nll`, `training_seconds` and `seconds_per_epoch`
            besides.
    """
    keys = dict.fromkeys(key for row in rows for key in row["values"])
    names = dict.fromkeys(name for row in rows for name in row["confusion"])
    sizes = sorted({size for row in rows for size in row["resolutions"]})
    has_rows = any(row["row"] for row in rows)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        [*(["row"] if has_rows else []), "method", *keys, "seed", "stage"]
        + ["epochs", *ACCURACIES, "test_nll"]
        + [*(f"test at {size}" for size in sizes)]
        + [*(f"confused: {name}" for name in names), *SECONDS]
    )
    for row in rows:
        writer.writerow(
            [*([row["row"]] if has_rows else []), row["method"]]
            + [row["values"].get(key, "") for key in keys]
            + [row["seed"], row["stage"], row["epochs"]]
            + [_share(row[key]) for key in ACCURACIES]
            + [_share(row["test_nll"])]
            + [_share(row["resolutions"].get(size)) for size in sizes]
            + [_share(row["confusion"].get(name)) for name in names]
            + [f"{row[key]:.1f}" for key in SECONDS]
        )
    return file.getvalue()


def _share(value):
    return "" if value is None else f"{value:.4f}"
