"""Builds the layers of a classifier, from pixels to probabilities."""

import keras

from kerasfg.layers import BilinearPooling
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.layers import ResidualSigmoidAttention

POOLINGS = {
    "average": keras.layers.GlobalAveragePooling2D,
    "bilinear": BilinearPooling,
    "compact_bilinear": CompactBilinearPooling,
    "hierarchical_bilinear": HierarchicalBilinearPooling,
}


def pooling_layer(pooling):
    """Returns the pooling layer of a name in `POOLINGS`, or a given layer."""
    if isinstance(pooling, keras.layers.Layer):
        return pooling
    if pooling not in POOLINGS:
        raise ValueError(
            f"Argument `pooling` must be one of {tuple(POOLINGS)} or a layer. "
            f"Received: pooling={pooling!r}"
        )
    return POOLINGS[pooling](data_format="channels_last", name="pooling")


def build_network(backbones, attention, pooling, dropout, num_classes):
    """Builds a network with all outputs that a loss may need.

    Args:
        backbones: List of one `keras.Model`, or of two streams.
        attention: Whether each map goes through
            `ResidualSigmoidAttention`; the layers are named `"attention"`, or
            `"attention_1"` and so on if there are several maps.
        pooling: Layer from the map, or the list of maps, to the features.
        dropout: Share of the features left out in a training step.
        num_classes: Number of classes.

    Returns:
        Functional `keras.Model` from images to a dictionary of `map` (the
        input of the pooling; a list if there are several), `features`,
        `logits` and `probabilities`.

    Raises:
        ValueError: If a layer has its channels first.
    """
    _check_channels([*backbones, pooling])
    images = keras.Input(backbones[0].input_shape[1:], name="image")
    maps = keras.tree.flatten([stream(images) for stream in backbones])
    if attention:
        maps = _attended(maps)
    pooled = maps if len(maps) > 1 else maps[0]
    features = pooling(pooled)
    kept = keras.layers.Dropout(dropout, name="dropout")(features)
    logits = keras.layers.Dense(num_classes, dtype="float32", name="logits")(
        kept
    )
    probabilities = keras.layers.Softmax(dtype="float32", name="probabilities")(
        logits
    )
    outputs = {
        "map": pooled,
        "features": features,
        "logits": logits,
        "probabilities": probabilities,
    }
    return keras.Model(images, outputs, name="network")


def _attended(maps):
    names = ["attention"]
    if len(maps) > 1:
        names = [f"attention_{i}" for i in range(1, len(maps) + 1)]
    return [
        ResidualSigmoidAttention(name=name)(features)
        for name, features in zip(names, maps, strict=True)
    ]


def _check_channels(layers):
    """Raises an error if a layer, also in a model, has its channels first."""
    for layer in layers:
        if getattr(layer, "data_format", None) == "channels_first":
            raise ValueError(
                "A classifier takes pictures and maps with the channels last: "
                "build its backbone and pooling with "
                "data_format='channels_last'. Received: the layer "
                f"{layer.name!r} with data_format='channels_first'"
            )
        _check_channels(getattr(layer, "layers", ()))
