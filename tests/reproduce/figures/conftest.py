"""Pictures to show, made up."""

import types

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def make_pictures():
    """A function that makes a source of pictures of a colour each."""

    def make_pictures(classes=8, each=3, broken=()):
        """`broken`: indices of pictures that cannot be decoded."""
        labels = np.repeat(np.arange(classes), each)
        reds = np.linspace(20, 250, len(labels)).astype("uint8")
        decoded = []

        def read(index):
            if index in broken:
                raise OSError("it is broken")
            decoded.append(index)
            pixels = np.zeros((32, 32, 3), "uint8")
            pixels[..., 0] = reds[index]
            return Image.fromarray(pixels)

        return types.SimpleNamespace(
            labels=labels,
            class_names=tuple(f"class_{i}" for i in range(classes)),
            read=read,
            decoded=decoded,
        )

    return make_pictures
