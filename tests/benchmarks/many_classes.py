"""Measures what grows with the number of classes.

    python tests/benchmarks/many_classes.py [--pictures N] [--classes K ...]
        [--parts PART ...]

Makes what a network would say of N pictures (default 100,000) of K classes
(default 100, 1,000 and 10,000) and prints, in a process of its own for each
row, the seconds (and those of the processors, on a shared machine) and the peak
memory of

- evaluation: report.json, its plots and the HTML page, with two levels of
  coarser names, an attribute table and thresholds of the classes; the size of
  the file and of the page;
- terms: a training step of the class-variance and of the attribute term alone;
- sampler: an epoch of balanced batches, per batch;
- answer: what `predict` says of a picture once the network has answered;
- export: a small network of 64 features, verified and measured as always; what
  the classes add to its files.

The short times are those of the processors, too. There is no bound.
docs/many_classes.md has the printed table.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

CLASSES = (100, 1_000, 10_000)
SHARES = {"val": 0.15, "test": 0.25}
BATCH, PER_CLASS, DIM = 64, 4, 512


def evaluation(classes, pictures):
    """Evaluates made-up probabilities, and writes all files."""
    from kerasfg.evaluation.how_sure.in_report import add_how_sure
    from kerasfg.evaluation.metrics.attribute_confusion import (
        attribute_confusion,
    )
    from kerasfg.evaluation.metrics.levels import fit_levels
    from kerasfg.evaluation.metrics.levels import measure_levels
    from kerasfg.evaluation.plots.confusion import plot_confusion
    from kerasfg.evaluation.plots.reliability import plot_reliability
    from kerasfg.evaluation.report import report as reports
    from kerasfg.evaluation.report.html_report import html_report

    names = class_names(classes)
    sets = {
        split: predictions(classes, max(int(pictures * share), 2), seed)
        for seed, (split, share) in enumerate(SHARES.items())
    }
    made = memory()
    begun, worked = time.perf_counter(), time.process_time()
    found = reports.evaluate_predictions(*sets["val"], *sets["test"], names)
    after = calibrated(sets, found["temperature"])
    found["levels"] = fit_levels(
        *after["val"], levels(classes), found["threshold"]
    )
    found["test"]["levels"] = measure_levels(
        *after["test"], found["levels"], found["threshold"]
    )
    add_how_sure(found, after, {}, 0.9)
    labels, probabilities = sets["test"]
    found["test"]["attributes"] = attribute_confusion(
        labels, probabilities.argmax(axis=1), attribute_table(classes)
    )
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        plot_confusion(found, folder / "confusion.png")
        plot_reliability(
            labels,
            probabilities,
            found["temperature"],
            folder / "reliability.png",
        )
        reports.write_report(found, folder / "report.json")
        size = (folder / "report.json").stat().st_size
        read = reports.read_report(folder / "report.json")
        page = html_report([saved_run(read)])
    return {
        "s": time.perf_counter() - begun,
        "processor s": time.process_time() - worked,
        "report.json MB": size / 1e6,
        "page MB": len(page.encode()) / 1e6,
        "MB above the answers": memory() - made,
        "answers MB": sum(p.nbytes for _, p in sets.values()) / 1e6,
    }


def calibrated(sets, temperature):
    from kerasfg.evaluation.probabilities import Probabilities

    return {
        split: (labels, Probabilities(probabilities, temperature))
        for split, (labels, probabilities) in sets.items()
    }


def terms(classes, pictures):
    """Times a step of either term alone, forward and backward."""
    import tensorflow as tf

    from kerasfg.layers.attribute_centroids import AttributeCentroids
    from kerasfg.losses.attribute_distance import AttributeDistance
    from kerasfg.losses.class_variance import ClassVariance

    rng = np.random.default_rng(0)
    labels = np.repeat(
        rng.permutation(classes)[: BATCH // PER_CLASS], PER_CLASS
    )
    features = tf.constant(rng.normal(size=(BATCH, DIM)), "float32")
    table = attribute_table(classes)
    values = tf.constant(table.values[labels])
    centroids = AttributeCentroids([len(x) for x in table.value_names])
    own = AttributeCentroids([classes])
    variance, distance = ClassVariance(), AttributeDistance()
    for layer, rows in ((centroids, values), (own, tf.constant(labels))):
        layer(features, rows)

    @tf.function
    def of_variance():
        with tf.GradientTape() as tape:
            tape.watch(features)
            loss = variance(labels, features)
        return tape.gradient(loss, features)

    def of_attributes(layer, rows):
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                tape.watch(features)
                blocks = layer(features, rows, training=True)
                loss = distance(rows, features, centroids=blocks)
            return tape.gradient(loss, features)

        return step

    return {
        "class variance ms": 1e3 * seconds_each(of_variance),
        "attributes ms": 1e3 * seconds_each(of_attributes(centroids, values)),
        "a centroid per class ms": 1e3
        * seconds_each(of_attributes(own, tf.constant(labels))),
    }


def sampler(classes, pictures):
    """Times the order of an epoch of balanced batches."""
    from kerasfg.data.batches.balanced import balanced_order

    labels = np.random.default_rng(0).integers(classes, size=pictures)
    labels[:classes] = np.arange(classes)

    def order():
        return balanced_order(
            labels, BATCH, PER_CLASS, np.random.default_rng(1)
        )

    each = seconds_each(order, 3)
    return {"s an epoch": each, "ms a batch": 1e3 * each / len(order())}


def answers(classes, pictures):
    """Times what is said of a picture."""
    from kerasfg.evaluation.answer import answer
    from kerasfg.evaluation.metrics.levels import fit_levels
    from kerasfg.evaluation.metrics.prediction_sets import fit_sets

    labels, probabilities = predictions(classes, 64, 0)
    probabilities = probabilities.astype("float64")
    names = tuple(class_names(classes))
    sets = fit_sets(labels, probabilities)
    tree = fit_levels(labels, probabilities, levels(classes), 0.99)
    limits = np.full(classes, 0.99).tolist()

    def plain():
        for row in probabilities:
            answer(row, names, 0.9)

    def full():
        for row in probabilities:
            answer(row, names, limits, 3, 0.9, sets, tree)

    return {
        "ms a picture": 1e3 * seconds_each(plain, 3) / 64,
        "with set, levels, thresholds": 1e3 * seconds_each(full, 3) / 64,
    }


def export(classes, pictures):
    """Exports a small network, its last layer of K classes."""
    import keras

    from kerasfg.export import export as write

    rng = np.random.default_rng(0)
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    x = keras.layers.Conv2D(64, 3, 4, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(
        inputs, keras.layers.Dense(classes, activation="softmax")(x)
    )
    names = class_names(classes)
    confused = {x: names[i + 1 : i + 4] for i, x in enumerate(names[:-4])}
    metadata = {
        "confused_with": confused,
        "class_attributes": attribute_table(classes).by_class(),
        "levels": [
            {"name": x.name, "of_class": list(x.of_class), "threshold": 0.9}
            for x in levels(classes)
        ],
    }
    images = rng.integers(0, 256, (64, 32, 32, 3), "uint8")
    begun, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export"
        write(
            model,
            out,
            images,
            class_names=names,
            metadata=metadata,
            untrained=True,
        )
        taken = {
            "s": time.perf_counter() - begun,
            "processor s": time.process_time() - worked,
        }
        sizes = {x.name: x.stat().st_size / 1e6 for x in out.iterdir()}
    return {**taken, **{f"{x} MB": n for x, n in sorted(sizes.items())}}


PARTS = {
    "evaluation": evaluation,
    "terms": terms,
    "sampler": sampler,
    "answer": answers,
    "export": export,
}


def class_names(classes):
    return [f"Genus{i // 5:04} species{i:05}" for i in range(classes)]


def levels(classes):
    """Five species of a genus, five genera of a family."""
    from kerasfg.data.taxonomy import Level

    return [
        Level("genus", tuple(f"Genus{i // 5:04}" for i in range(classes))),
        Level("family", tuple(f"Family{i // 25:03}" for i in range(classes))),
    ]


def attribute_table(classes, attributes=30):
    from kerasfg.data.attributes import AttributeTable

    values = np.random.default_rng(0).integers(0, 4, (classes, attributes))
    values[:4] = np.arange(4)[:, None]
    names = [f"trait{i:02}" for i in range(attributes)]
    values_of = [["a", "b", "c", "d"]] * attributes
    return AttributeTable(class_names(classes), names, values, values_of)


def predictions(classes, n, seed):
    """Labels and probabilities of a network that is right two times in three.

    Most mistakes are between the five classes of a genus.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    logits = rng.standard_normal((n, classes), "float32")
    rows, peak = np.arange(n), np.float32(np.log(classes) + 2)
    near = labels // 5 * 5 + rng.integers(0, 5, n)
    np.add.at(logits, (rows, np.minimum(near, classes - 1)), peak - 1)
    logits[rows, labels] += peak
    for start in range(0, n, 1000):
        part = logits[start : start + 1000]
        np.exp(part - part.max(axis=1, keepdims=True), out=part)
        part /= part.sum(axis=1, keepdims=True)
    return labels, logits


def saved_run(report):
    from kerasfg.evaluation.report.html_page.saved_run import SavedRun

    return SavedRun("many", report, {}, {}, (), frozenset(), {}, None)


def seconds_each(function, least=20):
    """Seconds of the processors, which other programs disturb less."""
    function()
    begun, times = time.process_time(), 0
    while times < least or time.process_time() - begun < 0.5:
        function()
        times += 1
    return (time.process_time() - begun) / times


def memory():
    """The peak of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--classes", type=int, nargs="+", default=CLASSES)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        part, classes = options.one
        found = PARTS[part](int(classes), options.pictures)
        print(json.dumps({**found, "peak MB": memory()}))
        return
    for part in options.parts:
        for classes in options.classes:
            child = [sys.executable, __file__, "--one", part, str(classes)]
            child += ["--pictures", str(options.pictures)]
            said = subprocess.run(
                child, check=True, stdout=subprocess.PIPE, text=True
            ).stdout
            found = json.loads(said.splitlines()[-1])
            numbers = ", ".join(f"{k} {v:,.3g}" for k, v in found.items())
            print(f"{part:12}{classes:>7,}  {numbers}", flush=True)


if __name__ == "__main__":
    main()
