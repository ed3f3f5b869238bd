"""Step time of a training that processes of this machine share, under JAX.

    python tests/benchmarks/distributed_step.py
    python tests/benchmarks/distributed_step.py --step 30 --networks 25:20 200:5

A network of four convolutions, attention, the attribute term and the class
variance train on batches of 64 pictures of 32 pixels, in 1, 2 and 4 processes.
Prints the median times of a step; of computing: a step of as many processes at
the same time, each alone with its part of the batch; of the rest, which is what
they tell one another and wait for; and, measured apart, of the largest part of
that, one sum over the processes of arrays as large as the gradients. Exits with
1 where the loss after the steps is not that of one process.

The processes share the processors of one machine, and talk through its memory:
the table says what several processes cost, not what they gain.

Then it estimates, on paper, what share of their time GPUs would compute, for
the steps and networks of the options. No GPU was tried.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

SIZE, BATCH, CLASSES, STEPS = 32, 64, 20, 30
# Of EfficientNet-Lite0: bytes of the trainable weights, and sums of batch
# normalization, four for each of its layers in what XLA compiles.
LITE0_BYTES, LITE0_SUMS = 4 * 3_371_008, 4 * 49


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n", maxsplit=1)[0]
    )
    add = parser.add_argument
    add("--step", type=float, nargs="+", default=[20, 50, 100], help="ms")
    add(
        "--networks",
        nargs="+",
        default=["25:20", "100:10", "2400:3"],
        help="gigabits a second, and microseconds of a message",
    )
    given = parser.parse_args()
    agrees = measure()
    estimate(given)
    return int(not agrees)


def measure():
    """Prints the table; returns whether the losses agree."""
    from kerasfg.distributed.supervisor import local_places
    from kerasfg.distributed.supervisor import supervise

    print("| processes | step | computing | the rest | gradients' sum | loss |")
    print("| --- | --- | --- | --- | --- | --- |")
    losses = []
    for count in (1, 2, 4):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-P", __file__, f"{folder}/found.json"]
            supervise(command, local_places(count), True, print)
            found = json.loads(Path(folder, "found.json").read_text())
        losses.append(found["loss"])
        step, alone = found["step"], found["alone"]
        times = (step, alone, step - alone, found["sum"])
        cells = " | ".join(f"{1e3 * seconds:.1f} ms" for seconds in times)
        print(f"| {count} | {cells} | {found['loss']:.6f} |", flush=True)
    print(f"\nGradients: {found['bytes'] / 1e6:.1f} MB.")
    return max(losses) - min(losses) < 1e-4


def estimate(given):
    """Share of the time that GPUs compute, by sums over a ring and a tree."""
    megabytes = LITE0_BYTES / 1e6
    print(f"\nOn paper: EfficientNet-Lite0's gradients, {megabytes:.1f} MB,")
    print(f"and {LITE0_SUMS} small sums of batch normalization, one after the")
    print("other, of n GPUs, none of it during the computing of a step:")
    print("gradients = 2 (n - 1) (bytes / n / bandwidth + message)")
    print(f"small sums = {LITE0_SUMS} * 2 log2(n) message")
    print("share = step / (step + gradients + small sums)\n")
    steps = " | ".join(f"step of {step:g} ms" for step in given.step)
    print(f"| GPUs | network, message | gradients | small sums | {steps} |")
    print("| --- | --- | --- | --- |" + " --- |" * len(given.step))
    for gpus in (8, 64):
        for network in given.networks:
            gigabits, microseconds = map(float, network.split(":"))
            message = microseconds / 1e3
            part = 1e3 * LITE0_BYTES / gpus / (gigabits * 1e9 / 8)
            gradients = 2 * (gpus - 1) * (part + message)
            small = LITE0_SUMS * 2 * math.log2(gpus) * message
            shares = " | ".join(
                f"{x / (x + gradients + small):.0%}" for x in given.step
            )
            print(
                f"| {gpus} | {gigabits:g} Gb/s, {microseconds:g} µs "
                f"| {gradients:.1f} ms | {small:.1f} ms | {shares} |"
            )


# === A process ===


def work(out):
    """Measures, together with the other processes; the first one writes."""
    from kerasfg.distributed.worker import become_worker

    processes = become_worker()
    import jax
    import keras

    from kerasfg.training.devices import on_devices

    x, y = part_of_batch(processes)
    keras.utils.set_random_seed(0)
    with on_devices():
        shared = classifier()
    alone = classifier()
    together, apart = [], []
    for _ in range(STEPS):  # in turn: other programs disturb both alike
        with on_devices():
            seconds, loss = timed_step(shared, x, y)
        together.append(seconds)
        apart.append(timed_step(alone, x, y)[0])
    shapes = [tuple(w.shape) for w in shared.trainable_weights]
    found = {
        "step": statistics.median(together[3:]),
        "alone": statistics.median(apart[3:]),
        "sum": seconds_of_sum(shapes, jax) if processes.count > 1 else 0.0,
        "loss": loss,
        "bytes": 4 * sum(math.prod(shape) for shape in shapes),
    }
    if processes.is_leader:
        Path(out).write_text(json.dumps(found))
    processes.leave()


def classifier():
    import keras
    import numpy as np

    from kerasfg import AttributeTable
    from kerasfg.losses import ClassVariance
    from kerasfg.models import FineGrainedClassifier

    images = x = keras.Input((SIZE, SIZE, 3))
    for filters in (32, 64, 128, 256):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same")(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    values = np.arange(CLASSES)[:, None] % 2
    names = [f"class {i}" for i in range(CLASSES)]
    model = FineGrainedClassifier(
        keras.Model(images, x),
        CLASSES,
        attention=True,
        class_variance=ClassVariance(),
        attributes=AttributeTable(names, ["forest"], values, [("no", "yes")]),
    )
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def timed_step(model, x, y):
    start = time.perf_counter()
    loss = float(model.train_on_batch(x, y)[0])
    return time.perf_counter() - start, loss


def part_of_batch(processes):
    import numpy as np

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH, SIZE, SIZE, 3)).astype("float32")
    labels = rng.integers(0, CLASSES, BATCH).astype("int32")
    size = BATCH // processes.count
    own = slice(processes.index * size, (processes.index + 1) * size)
    return images[own], labels[own]


def seconds_of_sum(shapes, jax):
    """The median time of one sum over the processes of such arrays."""
    import numpy as np
    from jax.sharding import NamedSharding
    from jax.sharding import PartitionSpec

    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("device",))
    own = NamedSharding(mesh, PartitionSpec("device"))
    everywhere = NamedSharding(mesh, PartitionSpec())
    arrays = [
        jax.make_array_from_process_local_data(
            own, np.ones((1, *shape), "float32")
        )
        for shape in shapes
    ]

    def total(parts):
        return [part.sum(axis=0) for part in parts]

    add = jax.jit(total, out_shardings=everywhere)
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        jax.block_until_ready(add(arrays))
        times.append(time.perf_counter() - start)
    return statistics.median(times[3:])


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    worker = "KERASFG_PROCESS" in os.environ
    sys.exit(work(sys.argv[1]) if worker else main())
