"""Compares `class_variance` with the plain ways to compute it.

    python tests/benchmarks/class_variance.py

For batches of 400 embeddings of 512 and 2048 numbers, prints the time of one
call with its gradient and two ratios, each the median over interleaved pairs
of runs: of the `n * n * dim` broadcast over ours (at least 50), and of ours
over one Gram matrix with its gradient, of which no loss is made (at most 1.5).
Beside it, for information, both terms taken from one Gram matrix, which is as
fast but not exact, and each ratio in time of the processors, which other
programs disturb less. Exits with 1 where a bound is not kept.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from kerasfg.losses import class_variance

SAMPLES = 400
CLASSES = 50
MARGIN = 25.0  # about the distance of these embeddings: half the hinges act
ROUNDS = 20
# Calls of the other and of ours in a pair: either side takes about as long, so
# that other work disturbs both alike.
REPEATS = {"broadcast": (1, 50), "gram": (10, 10), "from_gram": (10, 10)}


def main():
    failed = 0
    for dim in (512, 2048):
        rng = np.random.default_rng(0)
        labels = tf.constant(rng.integers(0, CLASSES, SAMPLES), "int32")
        x = tf.constant(rng.normal(size=(SAMPLES, dim)), "float32")
        x = x * MARGIN / tf.sqrt(2.0 * dim)
        check(labels, x)
        print(f"n = {SAMPLES}, d = {dim}, forward + backward")
        broadcast = compare("broadcast", labels, x)
        gram = 1 / compare("gram", labels, x)
        from_gram = 1 / compare("from_gram", labels, x)
        print(f"  n * n * d broadcast / ours        {broadcast:7.1f} (>= 50)")
        print(f"  ours / one Gram matrix            {gram:7.2f} (<= 1.5)")
        print(f"  ours / both terms from the matrix {from_gram:7.2f}")
        failed |= broadcast < 50 or gram > 1.5
    return int(failed)


def ours(labels, x):
    terms = class_variance(labels, x, margin=MARGIN)
    return terms["pull"] + terms["push"]


def broadcast(labels, x):
    squares = tf.reduce_sum((x[:, None] - x[None]) ** 2, axis=-1)
    return from_squares(labels, squares)


def from_gram(labels, x):
    norms = tf.reduce_sum(x**2, axis=1)
    products = tf.matmul(x, x, transpose_b=True)
    squares = tf.maximum(norms[:, None] + norms[None] - 2 * products, 0.0)
    return from_squares(labels, squares)


def from_squares(labels, squares):
    same = tf.cast(labels[:, None] == labels[None], "float32")
    different = 1 - same
    same = same - tf.eye(len(labels))
    distances = tf.sqrt(squares + 1e-8)
    hinges = tf.maximum(MARGIN - distances, 0.0) ** 2
    pull = tf.reduce_sum(same * squares) / tf.reduce_sum(same)
    push = tf.reduce_sum(different * hinges) / tf.reduce_sum(different)
    return pull + push


def gram(labels, x):
    return tf.reduce_sum(tf.matmul(x, x, transpose_b=True))


def compiled(function, labels, x):
    @tf.function(autograph=False)
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(labels, x)
        return value, tape.gradient(value, x)

    step(x)
    return step


def check(labels, x):
    value, slope = compiled(ours, labels, x)(x)
    expected, other = compiled(broadcast, labels, x)(x)
    np.testing.assert_allclose(value, expected, rtol=1e-4)
    np.testing.assert_allclose(slope, other, rtol=1e-3, atol=1e-5)


def compare(name, labels, x):
    """Median over rounds of the other's time over ours, run in turn."""
    other, our = (compiled(f, labels, x) for f in (globals()[name], ours))
    other_repeats, our_repeats = REPEATS[name]
    pairs = [
        (
            milliseconds(other, x, other_repeats),
            milliseconds(our, x, our_repeats),
        )
        for _ in range(ROUNDS)
    ]
    theirs, times = np.moveaxis(np.array(pairs), 1, 0)
    ratios = np.percentile(theirs / times, [25, 50, 75], axis=0)
    low, ratio, high = ratios[:, 0]
    their_ms, our_ms = np.median(pairs, axis=0)[:, 0]
    print(
        f"  {name:9} {their_ms:8.2f} ms, ours {our_ms:6.2f} ms: "
        f"ratio {ratio:.2f}, quartiles {low:.2f} and {high:.2f}; "
        f"of processor time {ratios[1, 1]:.2f}"
    )
    return ratio


def milliseconds(step, x, repeats):
    """Of the clock, and of the processors."""
    start = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        step(x)[1].numpy()
    wall, busy = time.perf_counter() - start[0], time.process_time() - start[1]
    return 1000 * wall / repeats, 1000 * busy / repeats


if __name__ == "__main__":
    sys.exit(main())
