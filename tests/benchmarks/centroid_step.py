"""Prices the attribute term and its centroids in a training step.

    python tests/benchmarks/centroid_step.py

A network of one convolution with 512 features takes steps of 400 pictures, with
and without one attribute of K values; each picture has a value of its own.
Prints, for either way to move the centroids in a step, how many milliseconds
the term adds and how much longer the step takes: the median and the quartiles
of interleaved pairs. Beside it the same of the time that the processors worked
on it, which other programs disturb less. There is no bound; `train_step.py` has
the one of a real network.
"""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kerasfg.models import FineGrainedClassifier

SIZE, BATCH, CLASSES, FEATURES = 32, 400, 50, 512
NUMBERS_OF_VALUES = (2, 50, 1000)
PAIRS, REPEATS = 60, 3


def main():
    print(f"{FEATURES} features, batches of {BATCH}; milliseconds of a step")
    columns = "without   added  with / without    "
    print(f"update     K  {columns}  {columns}of the processors")
    for update in ("ema", "center"):
        for num_values in NUMBERS_OF_VALUES:
            report(update, num_values)


def report(update, num_values):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (BATCH, SIZE, SIZE, 3))
    images = tf.constant(pixels, "float32")
    labels = tf.constant(rng.integers(0, CLASSES, BATCH), "int32")
    values = tf.constant(rng.integers(0, num_values, (BATCH, 1)), "int32")
    target = {"label": labels, "attributes": values}
    without = ready(model(None, update), images, labels)
    with_term = ready(model(num_values, update), images, target)
    pairs = []
    for i in range(PAIRS):  # in turn: other work slows both alike
        first, second = (with_term, without) if i % 2 else (without, with_term)
        times = milliseconds(first), milliseconds(second)
        pairs.append(times[::-1] if i % 2 else times)
    plain, ours = np.moveaxis(np.array(pairs), 1, 0)
    ratios = np.percentile(ours / plain, [25, 50, 75], axis=0)
    without_term = np.median(plain, axis=0)
    added = np.median(ours - plain, axis=0)
    columns = [
        f"{without_term[i]:7.1f} {added[i]:7.1f}  {spread(ratios[:, i])}"
        for i in (0, 1)  # clock, processors
    ]
    print(f"{update:6} {num_values:5}  {'  '.join(columns)}", flush=True)


def spread(quarters):
    low, middle, high = quarters
    return f"{middle:.3f} [{low:.3f} {high:.3f}]"


def model(num_values, update):
    images = keras.Input((SIZE, SIZE, 3))
    features = keras.layers.Conv2D(FEATURES, 8, strides=8)(images)
    return FineGrainedClassifier(
        keras.Model(images, features),
        CLASSES,
        attributes=num_values,
        centroids=update,
    )


def ready(classifier, images, target):
    """Compiles a model; returns its training step, traced and warm."""
    classifier.compile(
        keras.optimizers.SGD(1e-5),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )

    def step():
        return classifier.train_on_batch(images, target)

    for _ in range(5):
        step()
    return step


def milliseconds(step):
    """Of the clock, and of the processors."""
    start = time.perf_counter(), time.process_time()
    for _ in range(REPEATS):
        step()
    wall, busy = time.perf_counter() - start[0], time.process_time() - start[1]
    return 1000 * wall / REPEATS, 1000 * busy / REPEATS


if __name__ == "__main__":
    main()
