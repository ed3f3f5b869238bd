"""How long a grid will take, before its first training has ended."""

import csv
import importlib.resources
import statistics
import time

import keras
import numpy as np

from kerasfg.config.model import build_model
from kerasfg.export.quiet import quiet
from kerasfg.training.optimizers import optimizer

_PICTURES = 16  # in a step that is timed
_STEPS = 2
_LONGEST = 60  # seconds for all that is timed


def estimate(results, pictures, jobs, say):
    """Estimates the seconds of the trainings that a grid still lacks.

    By what the same row and method took before, here or, in the tables that
    come with the package, on two cores; and where nothing is known by timing a
    few steps of the network, with random weights and black pictures.

    Args:
        results: The `GridResults`.
        pictures: From the names of cells to how many pictures they train on.
        jobs: How many trainings will share the cores.
        say: Function that shows a line of text.

    Returns:
        From pairs of row and method to the seconds of one training.
    """
    seconds = _packaged(results.grid) | _of_own(results)
    timed, began = {}, time.perf_counter()
    for cell in results.missing():
        if cell.euclidean or (cell.row, cell.method) in seconds:
            continue
        recipe = cell.recipe(results.grid, "{data}")
        network = _network(recipe)
        if network not in timed and time.perf_counter() - began > _LONGEST:
            continue  # as long as the others, until it is known
        if network not in timed:
            say(f"Timing a few steps of {cell.name}")
            with quiet():  # TensorFlow warns of so many graphs
                timed[network] = _seconds_per_picture(recipe)
        epochs = recipe.training.epochs + recipe.training.head_epochs
        whole = timed[network] * pictures[cell.name] * epochs
        # One alone, as it was timed, has all cores.
        seconds[cell.row, cell.method] = whole * jobs
    return seconds


def _of_own(results):
    return _means(results.rows())


def _packaged(grid):
    """Of the grid that comes with the package, at the scale of two cores."""
    results = importlib.resources.files("kerasfg.recipes") / "results"
    file = results / f"{grid.cells}.csv"
    if grid.scale != "small" or not file.is_file():
        return {}
    return _means(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _means(rows):
    """Of each row and method, without those that trained nothing."""
    seconds = {}
    for row in rows:
        if int(row["epochs"]):
            own = seconds.setdefault((row.get("row", ""), row["method"]), [])
            own.append(float(row["training_seconds"]))
    return {key: statistics.mean(values) for key, values in seconds.items()}


def _network(recipe):
    """What the time of a step depends on most: other terms add little."""
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
