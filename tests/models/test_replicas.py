"""Two replicas train as one device does, each number in its own process."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasfg.models.replicas import gather_over_replicas
from kerasfg.models.replicas import replica_count
from kerasfg.models.replicas import sum_over_replicas

CASES = ("average", "bilinear", "compact_bilinear", "uneven")
SCRIPT = """
import contextlib
import sys

import numpy as np
import tensorflow as tf

replicas, out = int(sys.argv[1]), sys.argv[2]
cases = sys.argv[3:]
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * replicas,
)

import keras
from keras.distillation import LogitsDistillation
from rich.console import Console
from small_networks import several_maps

from kerasfg import AttributeTable, FineGrainedClassifier
from kerasfg.layers import CompactBilinearPooling
from kerasfg.losses import AttributeDistance, ClassVariance
from kerasfg.callbacks.centroid_refresh import CentroidRefresh

table = AttributeTable(
    "abc", "pq", [[0, 2], [1, -1], [0, 0]], [("no", "yes"), ("x", "y", "z")]
)
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (160, 16, 16, 3)).astype("float32")
labels = rng.integers(0, 3, 160)
weights = (rng.random(160) * (rng.random(160) > 0.2)).astype("float32")


SETTINGS = {  # pooling, update, learning rate, pictures
    "average": ("average", "ema", 0.05, 160),
    "bilinear": ("bilinear", "center", 0.05, 160),
    # The signed root multiplies rounding errors of sums that are nearly 0 by
    # up to 1 / sqrt(epsilon): at 1e-6, weights on one device that differ by
    # 1e-7 differ by 1e-2 after these ten steps.
    "compact_bilinear": (
        CompactBilinearPooling(16, epsilon=1e-2), "exact", 0.05, 160
    ),
    "uneven": ("average", "center", 0.0, 16 + 11),
}
if replicas > 1:
    devices = [f"CPU:{i}" for i in range(replicas)]
    scope = tf.distribute.MirroredStrategy(devices).scope
else:
    scope = contextlib.nullcontext


def train(pooling, update, learning_rate, pictures, **kwargs):
    keras.utils.set_random_seed(0)
    taught = pooling == "bilinear"
    with scope():
        model = FineGrainedClassifier(
            several_maps((8,), stride=2, synchronized=True),
            3,
            attention=True,
            pooling=pooling,
            dropout=0,
            weight_decay=1e-3,
            class_variance=ClassVariance(1.0, 1.0),
            attributes=table,
            attribute_distance=AttributeDistance(0.5),
            centroids=update,
            distillation=LogitsDistillation() if taught else None,
        )
        model.compile(
            keras.optimizers.SGD(learning_rate, momentum=0.9),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            weighted_metrics=["accuracy"],
            **kwargs,
        )
    y = labels[:pictures]
    if taught:  # and the same labels, in the other form of a target
        y = {"label": y, "attributes": table.values[y]}
        y["teacher_logits"] = 3 * np.eye(3, dtype="float32")[labels[::-1]]
    data = images[:pictures], y, weights[:pictures]
    data = tf.data.Dataset.from_tensor_slices(data).batch(16)
    callbacks = []
    if update == "exact":
        callbacks = [CentroidRefresh(data, Console(quiet=True))]
    logs = model.fit(data, shuffle=False, verbose=0, callbacks=callbacks)
    return model.get_weights(), logs.history


results = {}
for case in cases:
    arrays, logs = train(*SETTINGS[case])
    results |= {f"{case}/weight{i:02}": x for i, x in enumerate(arrays)}
    results |= {f"{case}/{name}": x[0] for name, x in logs.items()}
if replicas > 1:
    try:
        train(*SETTINGS["average"], jit_compile=True)
    except ValueError as error:
        results["error"] = str(error)
np.savez(out, **results)
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What one device gave, and what two replicas did."""
    folder = tmp_path_factory.mktemp("replicas")
    for replicas in ("1", "2"):
        arguments = replicas, str(folder / f"{replicas}.npz"), *CASES
        subprocess.run(
            [sys.executable, "-P", "-c", SCRIPT, *arguments],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            check=True,
        )
    return [dict(np.load(folder / f"{n}.npz")) for n in (1, 2)]


def part(results, case):
    start = f"{case}/"
    return {
        name.removeprefix(start): value
        for name, value in results.items()
        if name.startswith(start)
    }


def test_one_replica_gives_back_what_it_is_given():
    tensors = (np.ones(2), np.zeros((3, 2)))
    assert replica_count() == 1
    assert sum_over_replicas(tensors) is tensors
    assert gather_over_replicas(tensors[1]) is tensors[1]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES[:-1])
def test_ten_steps_end_where_those_of_one_device_end(results, case):
    one, two = (part(result, case) for result in results)
    assert set(one) == set(two)
    assert one["loss"] > 0.1 and one["attribute_distance"] > 1e-3
    for name, expected in one.items():
        if name != "feature_spread":  # that of each replica's own pictures
            np.testing.assert_allclose(
                two[name], expected, rtol=1e-5, atol=1e-5, err_msg=name
            )


@pytest.mark.slow
def test_pairs_and_centroids_are_of_the_whole_batch_even_if_uneven(results):
    one, two = (part(result, "uneven") for result in results)
    names = {"pull", "push", "same_class_pairs", "different_class_pairs"}
    names |= {f"weight{i:02}" for i in range(len(one))} & set(one)
    for name in names:
        np.testing.assert_allclose(
            two[name], one[name], rtol=1e-5, atol=1e-6, err_msg=name
        )
    # Means over pictures are not: Keras averages the means of the replicas.
    term = "attribute_distance"
    assert two[term] != pytest.approx(one[term], rel=1e-4)


@pytest.mark.slow
def test_a_step_that_replicas_share_is_not_compiled(results):
    message = str(results[1]["error"])
    assert "pass jit_compile=False to compile()" in message
    assert message.endswith("Received: jit_compile=True, 2 replicas")
