"""Whether the first layers of a model show that it takes plain pixels."""

import numpy as np

from kerasfg.export.inference.layer_graph import first_operations
from kerasfg.export.inference.layer_graph import has_graph

# What 0 to 255 spans after a layer that was made for it: 1 or 2, some 5 with
# ImageNet's deviations. A layer made for 0 to 1 gives 255 times as much.
_SPAN = (0.5, 32)


def why_no_pixels(model):
    """Looks for a first `Rescaling` or `Normalization` of pixels 0 to 255.

    Args:
        model: `keras.Model`.

    Returns:
        `None` if every first layer is one, else what stands there instead, in
        words.
    """
    if not has_graph(model):
        return "A model with a `call` of its own does not show its first layer"
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
        if layer.variance is None:  # not adapted so far
            return False
        variance = np.asarray(layer.variance, "float32")
        scale = 1 / np.sqrt(np.maximum(variance, 1e-12))
    else:
        return False
    span = np.abs(scale) * 255
    return bool((span >= _SPAN[0]).all() and (span <= _SPAN[1]).all())
