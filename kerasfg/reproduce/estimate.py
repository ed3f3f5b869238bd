"""Estimates the time of a grid before its first training has ended."""

import csv
import importlib.resources
import statistics
import time

import keras
import numpy as np

from kerasfg.config.effort import settled
from kerasfg.config.model import build_model
from kerasfg.export.quiet import quiet
from kerasfg.training.optimizers import optimizer

_PICTURES = 16  # in a step that is timed
_STEPS = 2
_LONGEST = 60  # seconds, for all networks together


def estimate(results, pictures, jobs, print_line):
    """Estimates the seconds of each missing training of a grid.

    Estimated from earlier trainings of the same row and method, here or, in the
    tables of the package, on two cores; otherwise from the time of a few steps
    of the network, with random weights and black pictures.

    Args:
        results: The `GridResults`.
        pictures: Dictionary from names of cells to numbers of training
            pictures.
        jobs: Number of trainings that share the cores.
        print_line: Function that prints a line of text.

    Returns:
        Dictionary from pairs of row and method to the seconds of a training.
    """
    seconds = _packaged(results.grid) | _from_own_trainings(results)
    timed, began = {}, time.perf_counter()
    for cell in results.missing():
        if cell.euclidean or (cell.row, cell.method) in seconds:
            continue
        recipe = settled(cell.recipe(results.grid, "{data}"))
        network = _network(recipe)
        if network not in timed and time.perf_counter() - began > _LONGEST:
            continue  # GridProgress assumes the mean of the others
        if network not in timed:
            print_line(f"Timing a few steps of {cell.name}")
            with quiet():  # TensorFlow warns of the many graphs
                timed[network] = _seconds_per_picture(recipe)
        epochs = recipe.training.epochs + recipe.training.head_epochs
        whole = timed[network] * pictures[cell.name] * epochs
        # The timed steps had all cores.
        seconds[cell.row, cell.method] = whole * jobs
    return seconds


def _from_own_trainings(results):
    return _means(results.rows())


def _packaged(grid):
    """Reads the times of the package's own grid, measured on two cores."""
    results = importlib.resources.files("kerasfg.recipes") / "results"
    file = results / f"{grid.cells}.csv"
    if grid.scale != "small" or not file.is_file():
        return {}
    return _means(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _means(rows):
    """Returns the mean of each row and method that trained for an epoch."""
    seconds = {}
    for row in rows:
        if int(row["epochs"]):
            own = seconds.setdefault((row.get("row", ""), row["method"]), [])
            own.append(float(row["training_seconds"]))
    return {key: statistics.mean(values) for key, values in seconds.items()}


def _network(recipe):
    """Returns the key of a step's time; loss terms add little."""
    return recipe.model, recipe.data.image_size


def _seconds_per_picture(recipe):
    plain = recipe.with_options(
        weights="none", attributes="", attribute=(), teacher=""
    )
    names = [str(i) for i in range(10)]
    model = build_model(plain, names)
    model.compile(
        optimizer(plain.training, 1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=plain.training.jit_compile,
    )
    size = recipe.data.image_size
    images = np.zeros((_PICTURES, size, size, 3), "float32")
    labels = np.arange(_PICTURES) % len(names)
    model.train_on_batch(images, labels)
    start = time.perf_counter()
    for _ in range(_STEPS):
        model.train_on_batch(images, labels)
    return (time.perf_counter() - start) / _STEPS / _PICTURES
