"""Compares what a training step costs before and after a change of kerasfg.

    git worktree add BEFORE COMMIT
    KERAS_BACKEND=jax python two_versions.py BEFORE NOW [ROUNDS]

BEFORE and NOW are checkouts. Three processes train EfficientNet-Lite0 on
pictures of 32 pixels, at output stride 32 with all of kerasfg's augmentation:
two of BEFORE, and one of NOW. They take turns, in each round in another order,
and only one computes at a time. A turn is an epoch of 5 steps of 32 pictures.
What it cost is the processor time of the process until the next turn's end, all
threads and the thread that prepares batches included, so that other work on
the machine does not count. Prints milliseconds a step, and over the rounds the
median and the quartiles of NOW / BEFORE and of BEFORE / BEFORE.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

STEPS, BATCH, PIXELS, CLASSES = 5, 32, 32, 17


def main(before, now, rounds="20"):
    processes = [start(tree) for tree in (before, before, now)]
    for process in processes:
        turn(process)  # compiles
        turn(process)
    found = []
    for number in range(int(rounds)):
        order = random.Random(number).sample(range(3), 3)
        costs = {index: turn(processes[index]) for index in order}
        found.append([costs[index] for index in range(3)])
        print(json.dumps(found[-1]), flush=True)
    for process in processes:
        process.stdin.close()
        process.wait()
    for index, name in enumerate(("before", "before, again", "now")):
        of = [cost[index]["processor_ms"] for cost in found]
        wall = [cost[index]["wall_ms"] for cost in found]
        print(
            f"{name}: {quartiles(of)} ms of processor time a step, "
            f"{quartiles(wall)} ms of wall time"
        )
    for name, index in (("now / before", 2), ("before / before", 1)):
        ratios = [
            costs[index]["processor_ms"] / costs[0]["processor_ms"]
            for costs in found
        ]
        print(f"{name}: {quartiles(ratios)}")


def start(tree):
    """Starts a process that trains an epoch for each line it is sent."""
    return subprocess.Popen(
        [sys.executable, "-P", __file__, "--child", str(Path(tree).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def turn(process):
    process.stdin.write("go\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith("{"):
            return json.loads(line)
    raise SystemExit(f"A process ended with {process.wait()}")


def quartiles(values):
    first, median, third = statistics.quantiles(values, method="inclusive")
    return f"{median:.3g} ({first:.3g} to {third:.3g})"


def child(tree):
    sys.path.insert(0, tree)
    import keras
    import numpy as np

    import kerasfg
    from kerasfg.data.batches.augmentation import Augmentation
    from kerasfg.data.batches.pipeline import TrainingBatches
    from kerasfg.models import FineGrainedClassifier
    from kerasfg.models import backbone

    assert Path(kerasfg.__file__).is_relative_to(tree), kerasfg.__file__
    generator = np.random.default_rng(0)
    count = STEPS * BATCH
    shape = (count, PIXELS, PIXELS, 3)
    images = generator.integers(0, 256, shape, dtype="uint8")
    labels = generator.integers(0, CLASSES, count).astype("int32")
    batches = TrainingBatches(images, labels, BATCH, 0, Augmentation())
    keras.utils.set_random_seed(0)
    network = backbone(
        "efficientnet_lite0", PIXELS, output_stride=32, weights=None
    )
    model = FineGrainedClassifier(network, CLASSES)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=keras.backend.backend() == "jax",
    )
    data, feeding = fed(batches)
    model.fit(
        data,
        epochs=10**6,
        steps_per_epoch=STEPS,
        shuffle=False,
        verbose=0,
        callbacks=[*feeding, turns()],
    )


def fed(batches):
    """Returns what `fit` takes; before `_dataset`, tf.data gave all."""
    from kerasfg.training import fit

    if hasattr(fit, "_dataset"):
        return fit._dataset(batches, 0, 10**6)
    return batches.dataset(0, 10**6), []


def turns():
    import keras

    class Turns(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 0:
                self.cost = cost()
            if not sys.stdin.readline():
                os._exit(0)
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            float(logs["loss"])  # the device has done it
            wall, before, self.cost = time.perf_counter(), self.cost, cost()
            answer = {
                "processor_ms": (self.cost - before) / STEPS * 1e3,
                "wall_ms": (wall - self.began) / STEPS * 1e3,
            }
            print(json.dumps(answer), flush=True)

    return Turns()


def cost():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        child(sys.argv[2])
    else:
        main(*sys.argv[1:])
