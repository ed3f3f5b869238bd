"""Checks whether the first layers of a model expect pixels from 0 to 255."""

import numpy as np

from kerasfg.export.inference.layer_graph import first_operations
from kerasfg.export.inference.layer_graph import has_graph

# Range of the span of 0 to 255 after a layer that expects such pixels: usually
# 1 or 2, about 5 with ImageNet's deviations. After a layer that expects 0 to 1
# the span is 255 times as large.
_SPAN = (0.5, 32)


def why_no_pixels(model):
    """Returns why the first layers do not show that a model takes pixels.

    Args:
        model: `keras.Model`.

    Returns:
        `None` if every first layer is a `Rescaling` or `Normalization` of
        pixels from 0 to 255. Otherwise a sentence about the first layer
        without its full stop.
    """
    if not has_graph(model):
        return "A model with its own `call` does not show its first layer"
    first = first_operations(model)
    if not first:
        return "No layer acts on the pixels"
    for layer in first:
        if not _takes_pixels(layer):
            return (
                f"The first layer, '{layer.name}' ({type(layer).__name__}), "
                "does not show which numbers it takes"
            )
    return None


def _takes_pixels(layer):
    kind = type(layer).__name__
    if kind == "Rescaling":
        scale = np.asarray(layer.scale, "float32")
    elif kind == "Normalization" and not layer.invert:
        if layer.variance is None:  # `adapt` was not called yet
            return False
        variance = np.asarray(layer.variance, "float32")
        scale = 1 / np.sqrt(np.maximum(variance, 1e-12))
    else:
        return False
    span = np.abs(scale) * 255
    return bool((span >= _SPAN[0]).all() and (span <= _SPAN[1]).all())
