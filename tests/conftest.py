"""Fixtures that more than one folder of tests uses."""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from PIL import Image

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def real_data():
    """Returns a folder of real pictures by name, or skips the test."""

    def folder(name):
        if not (DATA / name).is_dir():
            pytest.skip(f"absent data: ../shared/data/{name}")
        return DATA / name

    return folder


@pytest.fixture
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
