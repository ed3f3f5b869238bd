"""Reads and makes the measurements of finished trainings."""

import csv
import io
import statistics
import tempfile
from pathlib import Path

import keras
import numpy as np

from kerasfg.config.model import build_model
from kerasfg.config.pixels import read_source
from kerasfg.evaluation.report.history import read_history
from kerasfg.evaluation.report.report import read_report
from kerasfg.reproduce.tables.csv_file import rounded
from kerasfg.run.run_folder import write_text
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


_PICTURES = 20


def measure_latencies(results, data, console):
    """Exports the first seed's model of each row and method, and times them.

    The files are timed in turns, so that their ratios are valid on a busy
    machine, too. Nothing is measured again unless a recipe has changed. If the
    model file of a training is missing, an untrained model is built for it,
    since the time does not depend on the weights.

    Args:
        results: The `GridResults`, with all trainings finished.
        data: Place of the pictures, needed to build missing models. With
            `None` and missing models, nothing is timed.
        console: `rich.console.Console` to print the progress to.
    """
    cells = [c for c in _timed(results) if c.name in results.measured]
    known = {(c.row, c.method) for c in cells} <= set(read_latencies(results))
    is_whole = all(results.run(cell).model.exists() for cell in cells)
    if known or not (is_whole or data):
        return
    if keras.backend.backend() != "tensorflow":
        console.print("Latencies are measured with KERAS_BACKEND=tensorflow.")
        return
    from kerasfg.export.tflite import export_tflite

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{cell.name}.tflite" for cell in cells]
        for cell, file in zip(cells, files, strict=True):
            console.print(visible(f"Exporting {cell.name}"), markup=False)
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
    """Returns the cells whose exported files are to be timed."""
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
    """Times the files on noise, which is resized to the input of each file."""
    from kerasfg.export.measurement.benchmark import benchmark

    random = np.random.default_rng(0)
    shape = (_PICTURES, 224, 224, 3)
    images = random.integers(256, size=shape, dtype="uint8")
    return benchmark(files, images, threads=(1,))


def read_latencies(results):
    """Reads the latencies that `measure_latencies` wrote.

    A line does not count if its recipe has been changed since.

    Args:
        results: The `GridResults`. The CSV file may be missing.

    Returns:
        Dictionary from pairs of row and method to milliseconds.
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
        if line.get("recipe") == now.get(key)
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
