"""Losses: a pure function each, and a thin `keras.losses.Loss`."""

from kerasfg.losses.attribute_distance import (
    AttributeDistance as AttributeDistance,
)
from kerasfg.losses.attribute_distance import (
    attribute_distance as attribute_distance,
)
from kerasfg.losses.class_variance import ClassVariance as ClassVariance
from kerasfg.losses.class_variance import class_variance as class_variance

__all__ = [
    "AttributeDistance",
    "ClassVariance",
    "attribute_distance",
    "class_variance",
]
