"""Attribute distance: pulls features to the centroids of their attributes."""

import keras
import numpy as np
from keras import ops

from kerasfg.layers.attribute_rows import has_value
from kerasfg.layers.attribute_rows import one_column_each
from kerasfg.layers.attribute_rows import slices
from kerasfg.layers.attribute_rows import table_rows
from kerasfg.losses.reduction import reduced


def attribute_distance(
    attribute_values,
    features,
    centroids,
    attribute_weights=None,
    split_features=False,
):
    """Computes half the squared distance of features from their centroids.

    Formula, for attributes `k` of weight `w[k]`:

    ```python
    distance[i, k] = norm(features[i] - centroids[k][attribute_values[i, k]])
    known[i] = [
        k for k in attributes if 0 <= attribute_values[i, k] < len(centroids[k])
    ]
    loss[i] = (
        sum(w[k] * distance[i, k] ** 2 for k in known[i])
        / sum(w[k] for k in known[i])
        / 2
    )
    ```

    and 0 if nothing is known. Several attributes together pull a sample to
    the mean of its centroids, since
    `mean_k(|f - r_k|^2) = |f - mean_k(r_k)|^2 + constant`;
    with `split_features` each attribute pulls its own part of the features.

    Args:
        attribute_values: Integers of shape `(batch,)` or `(batch, attributes)`;
            -1 is unknown.
        features: Input of the classifier, shape `(batch, dim)`.
        centroids: Array of shape `(values, dim)`, or for several attributes a
            list of one such array each. No gradient flows through them. With
            `split_features` their `dim` is that of the features divided by the
            number of attributes, rounded down; features left over at the end
            belong to no attribute.
        attribute_weights: One non-negative float per attribute. Defaults to
            `None`: all alike.
        split_features: Whether each attribute has its own slice of the
            features. Defaults to `False`.

    Returns:
        Losses of shape `(batch,)`; float32, or float64 if the features are.

    Raises:
        ValueError: If shapes do not fit.

    Example:

    >>> features = ops.array([[0.0, 2.0], [3.0, 0.0], [5.0, 5.0]])
    >>> centroids = ops.array([[0.0, 0.0], [1.0, 0.0]])
    >>> losses = attribute_distance(ops.array([0, 1, -1]), features, centroids)
    >>> losses.numpy().tolist()
    [2.0, 2.0, 0.0]

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Eq. 2 and 3
    """
    if not isinstance(centroids, (list, tuple)):
        centroids = [centroids]
    features = ops.convert_to_tensor(features)
    dtype = keras.backend.standardize_dtype(features.dtype)
    dtype = keras.backend.result_type(dtype, "float32")
    x = ops.cast(features, dtype)  # squares overflow in float16
    blocks = [ops.stop_gradient(ops.cast(block, dtype)) for block in centroids]
    weights = _weights(attribute_weights, len(blocks))
    _check_dim(x, blocks, split_features)
    values = one_column_each(attribute_values, len(blocks))
    if split_features or len(blocks) == 1:
        return _by_lookup(x, blocks, values, weights) / 2
    return _by_product(x, blocks, values, weights) / 2


def _by_lookup(x, blocks, values, weights):
    """Returns squared distances, of each slice from its own centroid."""
    sizes = [block.shape[0] for block in blocks]
    rows, known = table_rows(values, sizes)
    centroids = ops.take(ops.concatenate(blocks), rows, axis=0)
    parts = slices(x, len(blocks))  # (batch, attributes, dim)
    squares = ops.sum(ops.square(parts - centroids), axis=-1)
    shares = ops.cast(known, x.dtype) * ops.cast(weights, x.dtype)
    total = ops.sum(shares, axis=1, keepdims=True)
    return ops.sum(ops.divide_no_nan(shares, total) * squares, axis=1)


def _by_product(x, blocks, values, weights):
    """Returns squared distances for attributes that share all features.

    About the mean `m` of a sample's centroids, the weighted mean of squared
    distances is `|x - m|^2` plus the spread of the centroids. So there is one
    matrix product, without an array of size `batch * attributes * dim`.
    """
    sizes = [block.shape[0] for block in blocks]
    center = ops.stop_gradient(ops.mean(x, axis=0))  # squares cancel less
    table = ops.concatenate(blocks) - center
    shares = ops.cast(has_value(values, sizes), x.dtype)
    shares = shares * ops.cast(np.repeat(weights, sizes), x.dtype)
    total = ops.sum(shares, axis=1, keepdims=True)
    shares = ops.divide_no_nan(shares, total)
    means = ops.matmul(shares, table)
    norms = ops.matmul(shares, ops.sum(ops.square(table), axis=1)[:, None])
    spread = norms[:, 0] - ops.sum(ops.square(means), axis=1)
    squares = ops.sum(ops.square(x - center - means), axis=1)
    known = ops.cast(total[:, 0] > 0, x.dtype)
    return known * (squares + ops.maximum(spread, 0.0))


def _weights(attribute_weights, attributes):
    if attribute_weights is None:
        return np.ones(attributes, "float32")
    if len(attribute_weights) != attributes:
        raise ValueError(
            "Argument `attribute_weights` must hold one weight for each of the "
            f"{attributes} attributes. "
            f"Received: attribute_weights={attribute_weights}"
        )
    return np.asarray(attribute_weights, "float32")


def _check_dim(x, blocks, split_features):
    dim = x.shape[-1] // (len(blocks) if split_features else 1)
    received = [tuple(block.shape) for block in blocks]
    if any(shape[1:] != (dim,) for shape in received):
        raise ValueError(
            f"Argument `centroids` must have the dim {dim} for features of "
            f"the shape {tuple(x.shape)} and split_features={split_features}. "
            f"Received: shapes {received}"
        )


@keras.saving.register_keras_serializable(package="kerasfg")
class AttributeDistance(keras.losses.Loss):
    """Attribute-assisted loss, a term to add to a classification loss.

    `weight` times `attribute_distance`. Unlike other losses it also takes
    the centroids, the result of `kerasfg.layers.AttributeCentroids`. A
    `FineGrainedClassifier` passes them itself.

    Args:
        weight: The paper's lambda, not negative. Defaults to `0.01`.
        attribute_weights: See `attribute_distance`. Defaults to `None`.
        split_features: See `attribute_distance`. Defaults to `False`.
        reduction: See `keras.losses.Loss`. `"sum"` is the form that Eq. 2 and
            3 of the paper are printed in: the cross-entropy is a mean, and this
            term a sum, so that its weight grows with the batch. With the
            paper's weight and batches of 32 the features collapsed, and the
            network was no better than chance (`kerasfg reproduce
            printed_losses`). Defaults to `"sum_over_batch_size"`, the mean.
        name: Name of the loss. Defaults to `"attribute_distance"`.
        dtype: Dtype of features, centroids and value when the loss is called.
            Defaults to `None`, which here means `"float32"` even if
            `keras.config.floatx()` is half.

    Call arguments:
        y_true: Attribute values, integers of shape `(batch,)` or
            `(batch, attributes)`; -1 is unknown.
        y_pred: Features, shape `(batch, dim)`.
        sample_weight: Shape `(batch,)`; multiplies each sample's loss. As in
            Keras, samples of weight 0 count in the mean, and so do those
            without a known value: what one sample adds does not depend on the
            others. Defaults to `None`.
        centroids: Array, or list of one array per attribute; see
            `attribute_distance`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:

    >>> values = ops.array([0, 1])
    >>> features = ops.array([[0.0, 2.0], [3.0, 0.0]])
    >>> centroids = ops.array([[0.0, 0.0], [1.0, 0.0]])
    >>> loss = AttributeDistance(weight=0.1)
    >>> round(float(loss(values, features, centroids=centroids)), 4)
    0.2

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Eq. 2 and 3
    """

    def __init__(
        self,
        weight=0.01,
        attribute_weights=None,
        split_features=False,
        reduction="sum_over_batch_size",
        name="attribute_distance",
        dtype=None,
    ):
        _check_arguments(weight, attribute_weights)
        super().__init__(
            name=name, reduction=reduction, dtype=dtype or "float32"
        )
        self.weight = weight
        self.attribute_weights = (
            None if attribute_weights is None else tuple(attribute_weights)
        )
        self.split_features = split_features

    def __call__(self, y_true, y_pred, sample_weight=None, centroids=None):
        if centroids is None:
            raise ValueError(
                "Argument `centroids` is needed, which "
                "kerasfg.layers.AttributeCentroids gives. "
                "Received: centroids=None"
            )
        y_pred, centroids = keras.tree.map_structure(
            lambda x: ops.convert_to_tensor(x, dtype=self.dtype),
            (y_pred, centroids),
        )
        losses = self.call(y_true, y_pred, centroids)
        return reduced(losses, sample_weight, self)

    def call(self, y_true, y_pred, centroids):
        return self.weight * attribute_distance(
            y_true,
            y_pred,
            centroids,
            self.attribute_weights,
            self.split_features,
        )

    def get_config(self):
        weights = self.attribute_weights
        return {
            **super().get_config(),
            "weight": self.weight,
            "attribute_weights": weights and list(weights),
            "split_features": self.split_features,
        }


def _check_arguments(weight, attribute_weights):
    if not weight >= 0:
        raise ValueError(
            f"Argument `weight` must not be negative. Received: weight={weight}"
        )
    weights = attribute_weights
    if weights is not None and not (
        all(w >= 0 for w in weights) and any(w > 0 for w in weights)
    ):
        raise ValueError(
            "Argument `attribute_weights` must hold numbers that are not "
            f"negative, and not all 0. Received: attribute_weights={weights}"
        )
