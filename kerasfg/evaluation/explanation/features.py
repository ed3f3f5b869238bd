"""The features before the last layer of any Keras classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasfg.evaluation.explanation.last_map import cut_at_last_map

if TYPE_CHECKING:
    import keras


def features_model(model: keras.Model) -> keras.Model:
    """Returns the part of a classifier that computes its features.

    Args:
        model: As of `kerasfg.evaluation.class_activation_map`.

    Returns:
        `keras.Model` from images, as `model` takes them, to the input of its
        last dense layer, of shape `(n, dim)`. Without such a layer it is the
        mean over the positions of the last map.

    Raises:
        ValueError: If the model has no graph of layers or no feature map.

    Example:

    >>> import keras
    >>> network = keras.Sequential([
    ...     keras.Input((8, 8, 3)),
    ...     keras.layers.Conv2D(4, 3),
    ...     keras.layers.GlobalAveragePooling2D(),
    ...     keras.layers.Dense(5, activation="softmax"),
    ... ])
    >>> features_model(network).output_shape
    (None, 4)
    """
    import keras

    from kerasfg.evaluation.explanation.class_scores import in_turn

    cut = cut_at_last_map(model)
    images = keras.Input(batch_shape=model.inputs[0].shape, name="image")
    maps = in_turn(cut.before, images)
    if cut.dense is None:
        last = keras.tree.flatten(maps)[-1]
        return keras.Model(images, keras.ops.mean(last, axis=(1, 2)))
    features = in_turn(cut.after, maps)
    return keras.Model(images, keras.layers.Flatten()(features))
