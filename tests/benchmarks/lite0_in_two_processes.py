"""EfficientNet-Lite0 trains in two processes as in one, under JAX.

    python tests/benchmarks/lite0_in_two_processes.py

It takes some four minutes on two cores, most of them to compile. Prints the
largest relative differences of the metrics and of the weights after four
epochs. Exits with 1 where one is above 1e-3, or where the loss does not fall.

The rate is low, as this network amplifies rounding: at 1e-3 a single process
whose first weights are moved by their last bit is up to 3e-4 away after three
steps.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
WORKER = TESTS / "training" / "worker.py"
OPTIONS = {
    "data": "field_guide",
    "images_per_class": 3,
    "image_size": 32,
    "backbone": "efficientnet_lite0",
    "output_stride": 8,
    "epochs": 4,
    "batch_size": 8,
    "dropout": 0.3,
    "optimizer": "sgd",
    "learning_rate": 1e-5,
    "weight_decay": 1e-4,
    "attributes": "field_guide",
    "attribute_weight": 0.1,
}
SUPERVISE = """
import sys
from kerasfg.distributed.supervisor import local_places, supervise
supervise([sys.executable, "-P", *sys.argv[1:]], local_places(2), True, print)
"""
ALLOWED = 1e-3


def main():
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 2):
            train(count, Path(folder, str(count)))
        one, two = (Path(folder, str(count), "lite0") for count in (1, 2))
        metrics, fell = compare_histories(history(one), history(two))
        weights = compare_weights(one, two)
    print(f"metrics: {metrics:.1e}, weights: {weights:.1e}, of {ALLOWED:.0e}")
    print(f"the loss fell to {fell:.3f} of the first epoch's")
    return int(max(metrics, weights) > ALLOWED or fell > 0.98)


def train(count, out):
    command = ["-c", SUPERVISE] if count > 1 else []
    options = json.dumps({"lite0": OPTIONS})
    subprocess.run(
        [sys.executable, "-P", *command, WORKER, "fit", out, options],
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(TESTS)},
        check=True,
    )


def history(run):
    with open(run / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def compare_histories(one, two):
    """The largest difference, and the share of the first loss that is left."""
    clock = ("stage", "seconds", "input_wait")
    pairs = [
        (float(row[key]), float(other[key]))
        for row, other in zip(one, two, strict=True)
        for key in row
        if key not in clock
    ]
    largest = max(abs(a - b) / max(abs(a), 1) for a, b in pairs)
    return largest, float(one[-1]["loss"]) / float(one[0]["loss"])


def compare_weights(*runs):
    """The largest difference, in the largest value of each weight."""
    import keras
    import numpy as np

    import kerasfg  # noqa: F401, registers the model

    one, two = (
        keras.saving.load_model(run / "model.keras", compile=False).weights
        for run in runs
    )
    return max(
        np.abs(np.array(a) - np.array(b)).max(initial=0)
        / max(np.abs(np.array(a)).max(initial=0), 1e-12)
        for a, b in zip(one, two, strict=True)
    )


if __name__ == "__main__":
    sys.exit(main())
