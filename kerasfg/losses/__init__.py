"""Losses: a pure function each, and a thin `keras.losses.Loss`."""

from kerasfg.losses.attribute_distance import (
    AttributeDistance as AttributeDistance,
)
from kerasfg.losses.attribute_distance import (
    attribute_distance as attribute_distance,
)
from kerasfg.losses.class_variance import ClassVariance as ClassVariance
from kerasfg.losses.class_variance import class_variance as class_variance
from kerasfg.losses.class_weighted import (
    ClassWeightedCrossentropy as ClassWeightedCrossentropy,
)
from kerasfg.losses.class_weighted import (
    balanced_class_weights as balanced_class_weights,
)
from kerasfg.losses.logit_adjusted import (
    LogitAdjustedCrossentropy as LogitAdjustedCrossentropy,
)

__all__ = [
    "AttributeDistance",
    "ClassVariance",
    "ClassWeightedCrossentropy",
    "LogitAdjustedCrossentropy",
    "attribute_distance",
    "balanced_class_weights",
    "class_variance",
]
