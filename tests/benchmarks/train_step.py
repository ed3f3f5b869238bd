"""Compares a training step of `FineGrainedClassifier` with a plain Keras one.

    python tests/benchmarks/train_step.py

Both train ResNet-18 at 32 pixels, in batches of 400, on cross-entropy. The
classifier adds attention, the attribute term with its centroids, and the class
variance. Prints how much longer its step takes, the median and the quartiles
of interleaved pairs, first as Keras compiles a step and then with
`jit_compile=True`. Beside it, for information, the same of the time that the
processors worked on it, which other programs disturb less. Exits with 1 where a
median is above 5 %.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kerasfg import AttributeTable
from kerasfg.losses import ClassVariance
from kerasfg.models import FineGrainedClassifier
from kerasfg.models import backbone

SIZE, BATCH, CLASSES = 32, 400, 50
PAIRS = {False: 60, True: 20}  # a step that XLA compiles takes longer
ALLOWED = 1.05


def main():
    print(f"ResNet-18, {SIZE} px, batches of {BATCH}; allowed: {ALLOWED}")
    print("compiled      plain      ours  ours / plain          processor time")
    medians = [report(jit_compile) for jit_compile in PAIRS]
    return int(max(medians) > ALLOWED)


def report(jit_compile):
    """Prints a row; returns the median of ours over plain."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH, SIZE, SIZE, 3))
    labels = rng.integers(0, CLASSES, BATCH)
    batch = tf.constant(images, "float32"), tf.constant(labels, "int32")
    steps = [ready(model(), jit_compile, batch) for model in (plain, ours)]
    pairs = []
    for i in range(PAIRS[jit_compile]):
        first = i % 2  # in turn: other work slows both alike
        times = [seconds(steps[first]), seconds(steps[1 - first])]
        pairs.append(times[::-1] if first else times)
    plain_times, our_times = np.moveaxis(np.array(pairs), 1, 0)
    ratios = np.percentile(our_times / plain_times, [25, 50, 75], axis=0)
    plain_wall, our_wall = np.median(pairs, axis=0)[:, 0]
    print(
        f"{'XLA' if jit_compile else 'graph':8}"
        f"  {plain_wall:7.3f} s {our_wall:7.3f} s"
        f"  {spread(ratios[:, 0])}  {spread(ratios[:, 1])}",
        flush=True,
    )
    return ratios[1, 0]


def spread(quarters):
    low, middle, high = quarters
    return f"{middle:.3f} [{low:.3f} {high:.3f}]"


def plain():
    network = backbone("resnet_18", SIZE, weights=None)
    pooled = keras.layers.GlobalAveragePooling2D()(network.output)
    kept = keras.layers.Dropout(0.2)(pooled)
    logits = keras.layers.Dense(CLASSES)(kept)
    return keras.Model(network.input, logits)


def ours():
    values = np.arange(CLASSES)[:, None] % 2
    names = [f"class {i}" for i in range(CLASSES)]
    return FineGrainedClassifier(
        backbone("resnet_18", SIZE, weights=None),
        CLASSES,
        attention=True,
        class_variance=ClassVariance(),
        attributes=AttributeTable(names, ["forest"], values, [("no", "yes")]),
    )


def ready(model, jit_compile, batch):
    """Compiles a model; returns its training step, traced and warm."""
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit_compile,
    )

    def step():
        return model.train_on_batch(*batch)

    for _ in range(3):
        step()
    return step


def seconds(step):
    """Of the clock, and of the processors."""
    start = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - start[0], time.process_time() - start[1]


if __name__ == "__main__":
    sys.exit(main())
