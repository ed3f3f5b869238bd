import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.training.devices import check_batch_size
from kerasfg.training.devices import on_devices

# Processors stand for the devices: parts of one on TensorFlow.
SCRIPT = """
import sys
from pathlib import Path

import keras
import small_networks

from kerasfg.config import Recipe
from kerasfg.training import train
from kerasfg.training.devices import on_devices

on_tensorflow = keras.backend.backend() == "tensorflow"
if on_tensorflow:
    import tensorflow as tf

    (processors,) = tf.config.list_physical_devices("CPU")
    parts = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(processors, parts)
    listed = tf.config.list_logical_devices
    tf.config.list_logical_devices = lambda kind: listed("CPU")

small_networks.let_recipes_train_it(
    activation="silu", synchronized=on_tensorflow
)
recipe = Recipe().with_options(
    data="field_guide",
    images_per_class=8,
    image_size=16,
    attributes="field_guide",
    attribute_weight=0.1,
    centroid_update="exact",
    class_variance=0.1,
    balanced=4,
    batch_size=8,
    dropout=0,  # on TensorFlow each device draws its own
    epochs=2,
    ema=0.8,
    optimizer="sgd",
    learning_rate=0.05,
)
for name, number, expected in (("all", None, 2), ("one", 1, 1)):
    with on_devices(number) as shares:
        assert shares == expected
    train(recipe, Path(sys.argv[1], name), verbose=False, devices=number)
"""


def settings(**options):
    return Recipe().with_options(**options).training


@pytest.mark.parametrize("number", [None, 1])
def test_without_gpus_there_is_one_device(number):
    with on_devices(number) as shares:
        assert shares == 1


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, "at least one device. Received: devices=0"),
        (1000, "at most that of each.* Received: devices=1000"),
    ],
)
def test_rejects_a_number_of_devices(number, message):
    with pytest.raises(ValueError, match=message), on_devices(number):
        pass


@pytest.mark.parametrize(
    ("options", "pictures", "devices"),
    [
        ({"batch_size": 9}, 100, 1),
        ({"batch_size": 12}, 100, 4),
        ({"batch_size": 32}, 12, 4),  # one small batch
        ({"batch_size": 12, "balanced": 3}, 10, 4),
    ],
)
def test_takes_a_batch_that_divides(options, pictures, devices):
    check_batch_size(settings(**options), pictures, devices)


@pytest.mark.parametrize(
    ("options", "pictures", "size"),
    [
        ({"batch_size": 10}, 100, 10),
        ({"batch_size": 32}, 10, 10),  # one small batch
        ({"batch_size": 6, "balanced": 3}, 4, 6),  # full all the same
    ],
)
def test_rejects_a_batch_that_does_not_divide(options, pictures, size):
    with pytest.raises(
        ValueError, match=f"multiple of 4.* Received: batch_size={size}$"
    ):
        check_batch_size(settings(**options), pictures, 4)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_train_as_one_does(backend, tmp_path, run_script):
    run_script(
        SCRIPT,
        backend=backend,
        KERASFG_CACHE=str(tmp_path / "cache"),
        XLA_FLAGS="--xla_force_host_platform_device_count=2",
    )
    several, one = (
        keras.saving.load_model(tmp_path / name / "model.keras", compile=False)
        for name in ("all", "one")
    )
    for weight, expected in zip(several.weights, one.weights, strict=True):
        np.testing.assert_allclose(
            np.array(weight),
            np.array(expected),
            rtol=0,
            atol=1e-5,
            err_msg=weight.path,
        )
