"""Small classifiers, their pictures and what their classes are like."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def seeded():
    """The same initial weights in each run of a test."""
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture
def classifier(tiny_backbone):
    """A function that makes a classifier of three classes, without dropout."""
    from kerasfg.models import FineGrainedClassifier

    def make(backbone=None, **kwargs):
        kwargs = {"num_classes": 3, "dropout": 0.0, **kwargs}
        return FineGrainedClassifier(backbone or tiny_backbone(), **kwargs)

    return make


@pytest.fixture
def pictures(rng):
    """Twelve pictures of 16 pixels and their labels."""
    images = rng.integers(0, 256, (12, 16, 16, 3)).astype("float32")
    return images, np.arange(12) % 3


@pytest.fixture
def table():
    """Attributes of two and three values; one value is unknown."""
    from kerasfg import AttributeTable

    return AttributeTable(
        ["a", "b", "c"],
        ["forest", "body"],
        [[0, 2], [1, -1], [0, 0]],
        [("no", "yes"), ("full", "lower", "upper")],
    )


@pytest.fixture
def every_term(table):
    """Arguments of a classifier with attention and all that adds to a loss."""
    from kerasfg.losses import AttributeDistance
    from kerasfg.losses import ClassVariance

    return {
        "attention": True,
        "class_variance": ClassVariance(0.5, 0.3),
        "attributes": table,
        "attribute_distance": AttributeDistance(0.2),
        "weight_decay": 0.01,
    }
