"""Small classifiers, their pictures and what their classes are like."""

import pytest


@pytest.fixture(autouse=True)
def all_are_seeded(seeded):
    pass


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
