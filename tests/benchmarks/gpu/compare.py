"""Trains 20 steps on the GPU and on the CPU, and compares the losses.

    python compare.py OUT.json

In float32, with matrix products and convolutions of the highest precision, so
that the losses must be equal to 0.1 %. A small network with all terms of both
papers, and augmentation inside the step. Exits with 1 if they are not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

STEPS, ALLOWED = 20, 1e-3


def main(out):
    gpu = os.environ.get("KERASFG_GPU", "cuda")
    processes = {
        name: subprocess.Popen(
            [sys.executable, __file__, "--losses"],
            env={
                **os.environ,
                "KERAS_BACKEND": "jax",
                "JAX_PLATFORMS": platform,
                "JAX_DEFAULT_MATMUL_PRECISION": "highest",
                "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, platform in (("gpu", gpu), ("cpu", "cpu"))
    }
    found = {}
    for name, process in processes.items():
        lines = process.communicate()[0].splitlines()
        found[name] = json.loads(lines[-1]) if lines else {"losses": []}
    losses = [of["losses"] for of in found.values()]
    pairs = list(zip(*losses, strict=False))
    worst = max((abs(a - b) / abs(b) for a, b in pairs), default=None)
    done = len(pairs) == STEPS and worst <= ALLOWED
    found |= {"worst_relative_difference": worst, "within_0.1_percent": done}
    Path(out).write_text(json.dumps(found, indent=1) + "\n")
    print(f"{STEPS} steps, largest relative difference of the losses: {worst}")
    return int(not done)


def print_losses():
    import jax
    import keras
    import numpy as np

    from kerasfg import AttributeTable
    from kerasfg.data.batches.augmentation import Augmentation
    from kerasfg.data.batches.pipeline import TrainingBatches
    from kerasfg.losses import ClassVariance
    from kerasfg.models import FineGrainedClassifier
    from kerasfg.training.device_steps import DeviceSteps

    random = np.random.default_rng(0)
    images = random.integers(0, 256, (64, 32, 32, 3), dtype="uint8")
    labels = np.arange(64) % 8
    images[..., 0] //= 1 + labels[:, None, None].astype("uint8")
    keras.utils.set_random_seed(0)
    # As in tests/small_networks.py: no kink that one bit decides.
    given = x = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
    for filters in (16, 32):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same")(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Activation("silu")(x)
    names = [f"class {i}" for i in range(8)]
    values = np.arange(8)[:, None] % 2
    model = FineGrainedClassifier(
        keras.Model(given, x, name="backbone"),
        8,
        attention=True,
        class_variance=ClassVariance(),
        attributes=AttributeTable(names, ["forest"], values, [("no", "yes")]),
        dropout=0.0,
    )
    model.compile(
        keras.optimizers.SGD(0.02, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    batches = TrainingBatches(images, labels, 64, 0, Augmentation())
    dataset = batches.dataset(0, STEPS)
    history = model.fit(
        dataset,
        epochs=STEPS,  # of one step
        steps_per_epoch=1,
        shuffle=False,
        verbose=0,
        callbacks=[DeviceSteps(dataset)],
    )
    losses = [float(loss) for loss in history.history["loss"]]
    device = jax.devices()[0].device_kind
    print(json.dumps({"device": device, "losses": losses}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--losses":
        print_losses()
    else:
        sys.exit(main(sys.argv[1]))
