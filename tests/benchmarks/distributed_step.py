"""Step time of a training that processes of this machine share, under JAX.

    python tests/benchmarks/distributed_step.py

A network of four convolutions, attention, the attribute term and the class
variance train on batches of 64 pictures of 32 pixels, in 1, 2 and 4 processes.
Prints the median time of a step and, measured apart, of what the processes tell
each other of the gradients: one sum over them of arrays as large as the
trainable weights. The rest is computing, and the smaller sums and gathers of
batch normalization, pairs and centroids. Then it estimates, from the bytes
alone, what share of their time GPUs would compute. Exits with 1 where the loss
after the steps is not that of one process.

The processes share the processors of one machine, and talk through its memory:
the table says what several processes cost, not what they gain.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

SIZE, BATCH, CLASSES, STEPS = 32, 64, 20, 15
GIGABIT = 1e9 / 8
# Of the estimate: network, bytes per second, seconds of a message.
NETWORKS = (
    ("25 Gb/s Ethernet", 25 * GIGABIT, 30e-6),
    ("100 Gb/s InfiniBand", 100 * GIGABIT, 5e-6),
)
LITE0_BYTES = 4 * 3_400_000  # trainable float32 weights of EfficientNet-Lite0


def main():
    from kerasfg.distributed.supervisor import local_places
    from kerasfg.distributed.supervisor import supervise

    print("processes    step   gradients' sum    rest   loss after the steps")
    losses = []
    for count in (1, 2, 4):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-P", __file__, f"{folder}/found.json"]
            supervise(command, local_places(count), True, print)
            found = json.loads(Path(folder, "found.json").read_text())
        losses.append(found["loss"])
        step, summed = found["step"] * 1e3, found["sum"] * 1e3
        print(
            f"{count:9}  {step:5.0f} ms  {summed:10.1f} ms  "
            f"{step - summed:5.0f} ms   {found['loss']:.6f}",
            flush=True,
        )
    print(f"\nGradients: {found['bytes'] / 1e6:.1f} MB. On paper, for those of")
    print(f"EfficientNet-Lite0, {LITE0_BYTES / 1e6:.1f} MB, not overlapped:")
    estimate()
    return int(max(losses) - min(losses) > 1e-4)


def estimate():
    """Share of the time that GPUs compute, by a ring's sum of gradients."""
    for name, bandwidth, latency in NETWORKS:
        for gpus in (8, 64):
            seconds = (
                2 * (gpus - 1) * (LITE0_BYTES / gpus / bandwidth + latency)
            )
            shares = "  ".join(
                f"{step} ms: {step / (step + 1e3 * seconds):.0%}"
                for step in (20, 50, 100)
            )
            print(
                f"{gpus:3} GPUs, {name:19}  sum {1e3 * seconds:5.1f} ms; "
                f"with a step of {shares}"
            )


# === A process ===


def work(out):
    """Measures, together with the other processes; the first one writes."""
    from kerasfg.distributed.worker import become_worker

    processes = become_worker()
    import jax
    import keras

    from kerasfg.training.devices import on_devices

    keras.utils.set_random_seed(0)
    with on_devices():
        model = classifier()
        x, y = part_of_batch(processes)
        times = []
        for _ in range(STEPS):
            start = time.perf_counter()
            loss = model.train_on_batch(x, y)[0]
            times.append(time.perf_counter() - start)
        shapes = [tuple(w.shape) for w in model.trainable_weights]
    found = {
        "step": statistics.median(times[3:]),
        "sum": seconds_of_sum(shapes, jax) if processes.count > 1 else 0.0,
        "loss": float(loss),
        "bytes": 4 * sum(w.size for w in model.trainable_weights),
    }
    if processes.leads:
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
    sys.exit(work(sys.argv[1]) if sys.argv[1:] else main())
