"""Stores how well the features of all seeds separate the classes."""

import csv
import io

import numpy as np

from kerasfg.evaluation.metrics.silhouette import silhouettes
from kerasfg.run.run_folder import write_text
from kerasfg.run.trained_run import TrainedRun


def write_silhouettes(results, cells, data):
    """Writes `OUT/NAME-silhouettes.csv`, a line for each seed and colouring.

    The figure shows the features of the first seed only.

    Args:
        results: The `GridResults`.
        cells: The `Cell`s whose models are there.
        data: Place of the pictures; `None` means the place of the training.
    """
    names = results.grid.figure.attributes
    runs = [
        TrainedRun(
            results.run(cell).path, cell.place(results.grid, data), False
        )
        for cell in cells
    ]
    # A method without the attribute term may name no table: another's is used.
    with_table = (r for r in runs if r.recipe.attributes.table)
    owner = next(with_table, None)
    table = owner and owner.read_attributes(None, names)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["method", "seed", "of", "silhouette", "recipe"])
    for cell, run in zip(cells, runs, strict=True):
        labels = run.pixels.labels[np.asarray(run.splits) == "test"]
        found = silhouettes(run.features("test"), labels, table)
        for name, value in {
            "class": found["class"],
            **found["attributes"],
        }.items():
            shown = "" if value is None else f"{value:.4f}"
            digest = cell.digest(results.grid)
            writer.writerow([cell.method, cell.seed, name, shown, digest])
    write_text(results.file("-silhouettes.csv"), text.getvalue())
