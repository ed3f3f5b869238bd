"""Fixtures that more than one folder of tests uses."""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from PIL import Image

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure():
    """Trainings take half of the time where page faults are dear."""
    from kerasfg.freed_memory import keep_freed_memory

    keep_freed_memory()


def pytest_runtest_setup(item):
    mark = item.get_closest_marker("tensorflow")
    if mark and os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        pytest.skip(f"of TensorFlow alone: {mark.args[0]}")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def gradient():
    """Returns `gradient(function, *arrays)`: of a scalar by each array.

    The function is one of tensors of the backend. On JAX variables keep their
    values in it, and all floats are float32.
    """
    import keras

    def by_tensorflow(function, *arrays):
        import tensorflow as tf

        tensors = [tf.constant(array) for array in arrays]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(*tensors)
        slopes = tape.gradient(value, tensors, unconnected_gradients="zero")
        return [slope.numpy() for slope in slopes]

    def by_jax(function, *arrays):
        import jax

        def value(*tensors):
            with keras.StatelessScope():
                return function(*tensors)

        slopes = jax.grad(value, tuple(range(len(arrays))))(
            *[jax.numpy.asarray(array) for array in arrays]
        )
        return [np.asarray(slope) for slope in slopes]

    if keras.backend.backend() == "tensorflow":
        return by_tensorflow
    return by_jax


@pytest.fixture
def real_data():
    """Returns a folder of real pictures by name, or skips the test."""

    def folder(name):
        if not (DATA / name).is_dir():
            pytest.skip(f"absent data: ../shared/data/{name}")
        return DATA / name

    return folder


@pytest.fixture(scope="session")
def tiny_backbone():
    """A function that makes a small backbone with batch normalization."""
    import keras

    def make(image_size=16, filters=8):
        images = keras.Input((image_size, image_size, 3))
        x = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same")(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
        return keras.Model(images, x, name="backbone")

    return make


@pytest.fixture
def picture_folder(tmp_path):
    """A folder of three classes, 12 pictures each, told apart by colour."""
    rng = np.random.default_rng(0)
    for label, name in enumerate(["amber", "blue", "coral"]):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 90, (20, 24, 3), dtype="uint8")
            pixels[..., label] += 120
            Image.fromarray(pixels).save(folder / f"{i:02}.png")
    return tmp_path / "pictures"


@pytest.fixture
def spoil():
    """A function that puts many kinds of bad pictures into a folder."""

    def spoil(folder):
        """Adds bad pictures; gives a part of the reason for each name."""
        good = (folder / "00.png").read_bytes()
        rng = np.random.default_rng(0)
        noise = Image.fromarray(
            rng.integers(0, 256, (99, 99, 3), dtype="uint8")
        )
        noise.save(folder / "whole.jpg")
        whole = (folder / "whole.jpg").read_bytes()

        def write(name, content):
            (folder / name).write_bytes(content)

        write("truncated.jpg", whole[: len(whole) // 2])
        write("truncated.png", good[: len(good) // 2])
        write("header_only.jpg", whole[:20])
        write("text.jpg", b"This is a text.")
        write("page.png", b"<!doctype html><html></html>")
        write("empty.jpg", b"")
        write("zeros.jpg", bytes(1000))
        damaged = bytearray(good)
        damaged[60:80] = bytes(20)
        write("damaged.png", bytes(damaged))
        Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
        Image.new("F", (4, 4)).save(folder / "float.tif")
        (folder / "folder.jpg").mkdir()
        (folder / "broken_link.jpg").symlink_to("nowhere.jpg")
        (folder / "circle.jpg").symlink_to("circle.jpg")
        os.mkfifo(folder / "pipe.jpg")
        return {
            "truncated.jpg": "truncated",
            "truncated.png": "truncated",
            "header_only.jpg": "",
            "text.jpg": "not a picture",
            "page.png": "not a picture",
            "empty.jpg": "the file is empty",
            "zeros.jpg": "not a picture",
            "damaged.png": "",
            "bomb.png": "bomb",
            "float.tif": "floating-point",
            "folder.jpg": "a folder",
            "broken_link.jpg": "a broken link",
            "circle.jpg": "a broken link",
            "pipe.jpg": "neither a file nor a folder",
        }

    return spoil
