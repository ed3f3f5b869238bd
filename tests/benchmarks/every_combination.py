"""Trains every combination of pooling, attention and loss terms for two epochs.

Each is killed after its first epoch, resumed, saved, loaded again and asked;
what it then predicts must be what was reported. Prints and writes a table of
accuracy and step time. Each step is paired with one of average pooling and
cross-entropy alone; the ratio is the median over the pairs.

    python -P tests/benchmarks/every_combination.py DATA ATTRIBUTES OUT

DATA is a folder of pictures, ATTRIBUTES a table of its classes, OUT a folder;
what it holds already is not trained again.
"""

import argparse
import csv
import itertools
import shutil
import statistics
import time
from pathlib import Path

import keras
import numpy as np
from rich.progress import track

from kerasfg.config import Recipe
from kerasfg.evaluation.report.report import read_report
from kerasfg.reproduce.cell_process import CellProcess
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun

POOLINGS = {
    "average": {},
    "bilinear": {"pooling": "bilinear"},
    "tensor sketch": {"pooling": "compact_bilinear"},
    "random Maclaurin": {
        "pooling": "compact_bilinear",
        "projection": "random_maclaurin",
    },
    "hierarchical": {"pooling": "hierarchical_bilinear"},
    "two streams": {
        "pooling": "compact_bilinear",
        "second_backbone": "efficientnet_lite0",
    },
}
TERMS = {
    "none": {},
    "attribute": {"attribute_weight": 0.01},
    "class variance": {"class_variance": 0.1},
    "both": {"attribute_weight": 0.01, "class_variance": 0.1},
}
COLUMNS = ("pooling", "attention", "terms", "accuracy", "step_ms", "ratio")


def main():
    arguments = parse()
    rows, plain = [], None
    every = list(itertools.product(POOLINGS, (False, True), TERMS))
    for pooling, attention, terms in track(every):
        recipe = arguments.recipe.with_options(
            attention=attention,
            pooling_dim=2048,
            **POOLINGS[pooling],
            **{"attribute_weight": 0.0} | TERMS[terms],
        )
        name = f"{pooling}-{attention}-{terms}".replace(" ", "_").lower()
        run = RunFolder(arguments.out / name)
        if not run.manifest.exists():
            train_with_a_kill(recipe, run)
        trained = TrainedRun(run.path, verbose=False)
        accuracy = reloaded_accuracy(run, trained)
        steps = Steps(trained)
        plain = plain or steps
        times = paired(steps, plain)
        rows.append([pooling, attention, terms, accuracy, *times])
    write(rows, arguments.out / "combinations.csv")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("attributes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=32)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.recipe = Recipe().with_options(
        data=str(arguments.data.absolute()),
        attributes=str(arguments.attributes.absolute()),
        other_classes=True,
        image_size=arguments.size,
        output_stride=16,
        epochs=2,
    )
    return arguments


def train_with_a_kill(recipe, run):
    """Trains in another process, killed after one epoch and resumed."""
    shutil.rmtree(run.path, ignore_errors=True)
    process = CellProcess(recipe, run.path)
    while not run.checkpoint.exists() and not process.has_ended():
        time.sleep(0.02)
    process.kill()
    process = CellProcess(recipe, run.path)
    while not process.has_ended():
        time.sleep(0.2)
    failure = process.failure()
    if failure:
        raise SystemExit(f"{run.path}: {failure}")


def reloaded_accuracy(run, trained):
    """Compares what the saved model predicts with its training's report."""
    rows = np.flatnonzero(trained.splits == "test")
    images = np.asarray(trained.pixels.images[rows], "float32")
    predicted = trained.model.predict(images, verbose=0).argmax(axis=1)
    accuracy = float(np.mean(predicted == trained.pixels.labels[rows]))
    reported = read_report(run.report)["test"]["top_1"]
    if abs(accuracy - reported) > 0.5 / len(rows):
        raise SystemExit(f"{run.path}: {accuracy} instead of {reported}")
    return accuracy


class Steps:
    """Training steps of one run on its first batch, without the input."""

    def __init__(self, trained):
        batch = trained.recipe.training.batch_size
        self.model = trained.model
        self.model.compile(
            keras.optimizers.SGD(1e-4, momentum=0.9),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        self.images = np.asarray(trained.pixels.images[:batch], "float32")
        self.labels = trained.pixels.labels[:batch]

    def milliseconds(self):
        start = time.perf_counter()
        self.model.train_on_batch(self.images, self.labels)
        return 1000 * (time.perf_counter() - start)


def paired(steps, plain, pairs=12):
    """Median time of a step, and of its ratio to a plain one beside it."""
    for _ in range(2):  # the first traces
        steps.milliseconds(), plain.milliseconds()
    times = [(steps.milliseconds(), plain.milliseconds()) for _ in range(pairs)]
    return (
        statistics.median(mine for mine, _ in times),
        statistics.median(mine / its for mine, its in times),
    )


def write(rows, filepath):
    shown = [
        [
            pooling,
            "yes" if attention else "no",
            terms,
            f"{accuracy:.4f}",
            f"{milliseconds:.1f}",
            f"{ratio:.2f}",
        ]
        for pooling, attention, terms, accuracy, milliseconds, ratio in rows
    ]
    with open(filepath, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *shown])
    for row in [COLUMNS, *shown]:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
