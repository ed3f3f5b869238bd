"""What the tests of published data sets write their small replicas with."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def draw():
    """A function that saves a picture of noise under a path."""

    def draw(path, size=(8, 8), seed=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (size[1], size[0], 3)
        random = np.random.default_rng(seed)
        Image.fromarray(random.integers(0, 256, shape, dtype="uint8")).save(
            path
        )

    return draw


@pytest.fixture
def write():
    """A function that writes lines under a path."""

    def write(path, lines):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines))

    return write


@pytest.fixture
def change():
    """A function that replaces a part of a list."""

    def change(path, old, new):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change
