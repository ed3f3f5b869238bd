"""How long the exported file of each method takes for one picture."""

import csv
import io
import tempfile
from pathlib import Path

import keras
import numpy as np

from kerasfg.export.benchmark import benchmark
from kerasfg.export.tflite import export_tflite
from kerasfg.training.build import build_model
from kerasfg.training.build import read_source
from kerasfg.training.run_folder import write_text

_PICTURES = 20


def measure_latencies(results, data, console):
    """Exports the first seed's model of each row and method, and times them.

    All files take turns, so that their ratios hold on a busy machine too. What
    has been measured together is not measured again, unless a recipe has been
    changed since. Where only the record of a training is left, its model is
    built anew, untrained: time does not depend on the weights.

    Args:
        results: The `GridResults`, with all trainings ended.
        data: Where the pictures are; without, nothing can be built anew, and
            nothing is timed if that is needed.
        console: `rich.console.Console` to tell the progress on.
    """
    cells = [c for c in _timed(results) if c.name in results.measured]
    known = {(c.row, c.method) for c in cells} <= set(read_latencies(results))
    is_whole = all(results.run(cell).model.exists() for cell in cells)
    if known or not (is_whole or data):
        return
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{cell.name}.tflite" for cell in cells]
        for cell, file in zip(cells, files, strict=True):
            console.print(f"Exporting {cell.name}", markup=False)
            export_tflite(_model(cell, results, data), file)
        console.print("Timing the exported files")
        measured = _measure(files)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["row", "method", "milliseconds", "bytes", "recipe"])
    for cell, found in zip(cells, measured, strict=True):
        median, _ = found.latency[1]
        line = [cell.row, cell.method, f"{median:.3f}", found.bytes]
        writer.writerow([*line, cell.digest(results.grid)])
    write_text(results.file("-latency.csv"), lines.getvalue())


def _timed(results):
    """The cells whose files are timed, if they have been trained."""
    first = results.grid.seeds[0]
    return [
        cell
        for cell in results.cells()
        if cell.final and cell.seed == first and not cell.euclidean
    ]


def _model(cell, results, data):
    filepath = results.run(cell).model
    if filepath.exists():
        return keras.saving.load_model(filepath, compile=False, safe_mode=True)
    recipe = cell.recipe(results.grid, data).with_options(weights="none")
    source = read_source(recipe.data, cell.seed)
    return build_model(recipe, source.class_names)


def _measure(files):
    """Of noise, at the largest size, which each file then shrinks."""
    random = np.random.default_rng(0)
    shape = (_PICTURES, 224, 224, 3)
    images = random.integers(256, size=shape, dtype="uint8")
    return benchmark(files, images, threads=(1,))


def read_latencies(results):
    """Reads what `measure_latencies` wrote.

    A line does not count if its recipe has been changed since. One of an older
    file, which does not say its recipe, does.

    Args:
        results: The `GridResults`; the CSV file need not be there.

    Returns:
        From pairs of row and method to milliseconds.
    """
    filepath, grid = results.file("-latency.csv"), results.grid
    now = {(c.row, c.method): c.digest(grid) for c in _timed(results)}
    if not filepath.exists():
        return {}
    with open(filepath, newline="", encoding="utf-8") as file:
        lines = {(x["row"], x["method"]): x for x in csv.DictReader(file)}
    return {
        key: float(line["milliseconds"])
        for key, line in lines.items()
        if line.get("recipe") in (None, now.get(key))
    }
