"""Compares `CompactBilinearPooling` with the textbook tensor sketch.

    python tests/benchmarks/tensor_sketch.py

The textbook transforms the count sketches of each position by FFT, transforms
each product back and then sums. Here it has real FFTs and the hashes and signs
of the layer, and is written twice: in `keras.ops`, as the layer is, and in
TensorFlow, where no spectrum is split into its real and imaginary part.

For 512 channels and 8,192 features, on maps from 1 x 1 to 28 x 28, prints how
many times the layer's training step is faster, forward and forward with
backward, and the peak memory of each. `predict` is the layer's forward pass in
inference, by the Gram matrix whatever it costs. Exits with 1 where the layer is
slower than it may be against the textbook in `keras.ops`; the rest informs.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from keras import ops

from kerasfg.layers import CompactBilinearPooling

CHANNELS, DIM = 512, 8192
# Side of the map: batch size, pairs of runs, the least ratio allowed.
CASES = {
    1: (16, 300, 1 / 1.1),
    2: (16, 100, 1 / 1.1),
    7: (16, 16, 2),
    14: (16, 8, 6),
    28: (2, 10, 10),
}


def main():
    print(f"{CHANNELS} channels, {DIM} features; textbook over layer")
    print(
        "map      batch  at least  forward            fwd+bwd            "
        "tf: forward, fwd+bwd  predict  peak MB"
    )
    failed = False
    for side, (batch, pairs, allowed) in CASES.items():
        found = ratios(side, batch, pairs)
        forward, both = found["keras"]
        failed |= min(forward[1], both[1]) < allowed
        peaks = [f"{peak_megabytes(way, side):.0f}" for way in WAYS]
        print(
            f"{side:2} x {side:<2} {batch:6}  {allowed:8.2f}"
            f"  {spread(forward)}  {spread(both)}"
            f"  {found['tf'][0][1]:11.2f} {found['tf'][1][1]:8.2f}"
            f"  {found['predict'][1]:7.2f}  {' / '.join(peaks)}",
            flush=True,
        )
    print(
        "[lower and upper quartile of the pairs]; "
        f"peak of {', '.join(WAYS)}, forward and backward"
    )
    return int(failed)


def ratios(side, batch, pairs):
    """Quartiles of textbook over layer, forward and with backward."""
    features = random_features(side, batch)
    layer = make_layer(features)
    functions = {
        way: tf.function(lambda x, f=f: f(layer, x), autograph=False)
        for way, f in WAYS.items()
    }
    outputs = [f(features) for f in functions.values()]
    for output in outputs[1:]:
        np.testing.assert_allclose(output, outputs[0], atol=1e-3)
    found = {}
    for way in ("keras", "tf"):
        found[way] = [
            quartiles(functions["layer"], functions[way], features, pairs),
            quartiles(
                with_gradient(functions["layer"]),
                with_gradient(functions[way]),
                features,
                pairs,
            ),
        ]
    predict = tf.function(layer, autograph=False)
    found["predict"] = quartiles(predict, functions["keras"], features, pairs)
    return found


def quartiles(ours, theirs, features, pairs):
    for function in (ours, theirs) * 2:  # traced, and warm
        function(features)
    found = []
    for _ in range(pairs // 2):  # in turn: other work slows both alike
        found.append(seconds(theirs, features) / seconds(ours, features))
        found.append(1 / (seconds(ours, features) / seconds(theirs, features)))
    return statistics.quantiles(found)


def random_features(side, batch):
    shape = (batch, side, side, CHANNELS)
    return tf.constant(np.random.default_rng(0).normal(size=shape), "float32")


def make_layer(features):
    layer = CompactBilinearPooling(DIM, normalize=False)
    layer.build(tuple(features.shape))
    return layer


def in_training(layer, features):
    return layer(features, training=True)


def textbook_in_keras(layer, features):
    """Gao et al. (2016), Algorithm 2, for each position by itself."""
    (a, b), (c, d) = [ops.rfft(x) for x in count_sketches(layer, features)]
    product = a * c - b * d, a * d + b * c
    return averaged(ops.irfft(product, fft_length=DIM), features)


def textbook_in_tensorflow(layer, features):
    first, second = count_sketches(layer, features)
    product = tf.signal.rfft(first) * tf.signal.rfft(second)
    return averaged(tf.signal.irfft(product, [DIM]), features)


WAYS = {
    "layer": in_training,
    "keras": textbook_in_keras,
    "tf": textbook_in_tensorflow,
}


def count_sketches(layer, features):
    rows = tf.reshape(features, (-1, CHANNELS))
    positions = rows.shape[0]
    offsets = tf.range(positions)[:, None] * DIM
    for hashes, signs in zip(layer.hashes, layer.signs, strict=True):
        sketches = tf.math.unsorted_segment_sum(
            tf.reshape(rows * tf.cast(signs.value, "float32"), (-1,)),
            tf.reshape(offsets + hashes.value, (-1,)),
            positions * DIM,
        )
        yield tf.reshape(sketches, (-1, DIM))


def averaged(sketches, features):
    batch, height, width, _ = features.shape
    sketches = tf.reshape(sketches, (batch, height * width, DIM))
    return tf.reduce_mean(sketches, axis=1)


def with_gradient(function):
    def step(features):
        with tf.GradientTape() as tape:
            tape.watch(features)
            total = tf.reduce_sum(tf.square(function(features)))
        return tape.gradient(total, features)

    return tf.function(step, autograph=False)


def seconds(function, features):
    start = time.perf_counter()
    function(features).numpy()
    return time.perf_counter() - start


def spread(quarters):
    low, middle, high = quarters
    return f"{middle:5.2f} [{low:4.2f} {high:5.2f}]"


def peak_megabytes(way, side):
    """Of a forward and backward pass in a process of its own."""
    arguments = (sys.executable, __file__, way, str(side))
    result = subprocess.run(
        arguments, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(result.stdout)


def print_peak(way, side):
    features = random_features(side, CASES[side][0])
    layer = make_layer(features)
    step = with_gradient(lambda x: WAYS[way](layer, x))
    step.get_concrete_function(features)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    before = status_kilobytes("VmRSS")
    for _ in range(3):
        step(features)
    print((status_kilobytes("VmHWM") - before) / 1024)


def status_kilobytes(key):
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+) kB", status)[1])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print_peak(sys.argv[1], int(sys.argv[2]))
    else:
        sys.exit(main())
