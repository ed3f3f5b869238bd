"""Maps of the parts of a picture that support a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.explanation.last_map import cut_at_last_map

if TYPE_CHECKING:
    import keras

_BATCH = 32


def class_activation_map(
    model: keras.Model, images: npt.ArrayLike, classes: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Computes how much each place of the last feature map adds to a class.

    Where the features are the average of the map and a linear layer makes the
    classes, it is the class activation map (CAM): the channels weighted by the
    weights of the class. Its mean over the places is the logit without the
    bias. Of any other network it is Grad-CAM: the channels weighted by the sum
    over the places of the gradient of the logit, which for such a network is
    the same. Negative values, evidence against the class, are kept. Where the
    pooling takes several maps of one size, their results are added; of maps of
    different sizes the last counts.

    It runs on TensorFlow and JAX.

    Args:
        model: Classifier, a functional or sequential `keras.Model` or a
            `kerasfg.FineGrainedClassifier`. With one output of a sigmoid,
            class 1 is the one that it is the probability of, class 0 the other.
        images: Pictures `(n, height, width, 3)` as the model takes them.
        classes: Class to explain for each picture, integers of shape `(n,)`.

    Returns:
        Float32 array of shape `(n, map_height, map_width)`.

    Raises:
        ValueError: If the model has no graph of layers or no feature map, or
            `classes` do not fit.

    Example:

    >>> import keras
    >>> network = keras.Sequential([
    ...     keras.Input((8, 8, 3)),
    ...     keras.layers.Conv2D(4, 3, strides=2, padding="same"),
    ...     keras.layers.GlobalAveragePooling2D(),
    ...     keras.layers.Dense(5, activation="softmax"),
    ... ])
    >>> class_activation_map(network, np.zeros((2, 8, 8, 3)), [1, 4]).shape
    (2, 4, 4)

    Reference:

    - CAM: [Zhou et al., 2016](https://arxiv.org/abs/1512.04150)
    - Grad-CAM: [Selvaraju et al., 2017](https://arxiv.org/abs/1610.02391)
    """
    cut = cut_at_last_map(model)
    images = np.asarray(images, "float32")
    checked = _check(classes, len(images), model.outputs[0].shape[-1])
    found = [
        _of_batch(
            cut,
            images[start : start + _BATCH],
            checked[start : start + _BATCH],
        )
        for start in range(0, len(images), _BATCH)
    ]
    return np.concatenate(found)


def method_of(model: keras.Model) -> str:
    """Returns `"CAM"` or `"Grad-CAM"`, the method of `class_activation_map`."""
    return "CAM" if cut_at_last_map(model).averages else "Grad-CAM"


def _check(classes, n, outputs):
    classes = np.asarray(classes)
    count = max(2, outputs)
    good = classes.shape == (n,) and np.issubdtype(classes.dtype, np.integer)
    if not n or not good or classes.min() < 0 or classes.max() >= count:
        raise ValueError(
            "Argument `classes` must hold a class for each of `images`, at "
            f"least one, an integer from 0 to {count - 1}. "
            f"Received: classes={classes.tolist()} for {n} images"
        )
    return classes


def _of_batch(cut, images, classes):
    import keras

    from kerasfg.evaluation.explanation.class_scores import dense_weights
    from kerasfg.evaluation.explanation.class_scores import gradients_of_maps
    from kerasfg.evaluation.explanation.class_scores import in_turn

    maps = in_turn(cut.before, images)
    if cut.averages:
        weights = np.asarray(dense_weights(cut.dense)[0])[:, classes]
        maps = np.asarray(keras.ops.cast(maps, "float32"))
        return np.einsum("nhwc,cn->nhw", maps, weights)
    pairs = zip(
        keras.tree.flatten(maps),
        keras.tree.flatten(gradients_of_maps(cut, maps, classes)),
        strict=True,
    )
    found = [_weighted(*pair) for pair in pairs]
    same = [x for x in found if x.shape == found[-1].shape]
    return np.sum(same, axis=0)


def _weighted(values, gradient):
    values, gradient = (np.asarray(x, "float32") for x in (values, gradient))
    return np.einsum("nhwc,nc->nhw", values, gradient.sum(axis=(1, 2)))
