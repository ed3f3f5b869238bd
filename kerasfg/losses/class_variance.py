"""Class-variance loss: one class together, different classes apart."""

import warnings

import keras
from keras import ops

from kerasfg.losses.reduction import reduced

PUSHES = ("margin", "difference", "ratio")
STUDIED = {
    "difference": "it has no lower bound: distances may grow without limit.",
    "ratio": "it grows without bound where classes coincide.",
}
EPSILON = 1e-8  # keeps the ratio finite


def class_variance(
    y_true, y_pred, margin=1.0, push="margin", sample_weight=None
):
    """Computes the two terms of the class-variance loss over a batch's pairs.

    Formula:

    ```python
    distance[i, j] = norm(y_pred[i] - y_pred[j])
    pull = mean(distance[i, j] ** 2 for i < j if y_true[i] == y_true[j])
    push = mean(
        max(0, margin - distance[i, j]) ** 2
        for i < j if y_true[i] != y_true[j]
    )
    ```

    The paper adds the Euclidean distances of both kinds of pair to its loss
    and gives no sign. Added, different classes would be drawn together;
    subtracted, which is `push="difference"`, the loss has no lower bound: it
    falls as long as distances grow. The margin is ours, and so are the squares
    and the means over the pairs of each kind. See `ClassVariance` for what the
    embeddings are.

    The pull takes `O(n * dim)` operations and the push one matrix product;
    no array of size `n * n * dim` is made. A squared distance in the push is
    off by about `1e-7` times the squared distance from the batch's mean. There
    are no second derivatives.

    Args:
        y_true: Integer labels, shape `(batch,)` or `(batch, 1)`.
        y_pred: Embeddings, shape `(batch, dim)`.
        margin: Distance from which a pair of different classes costs nothing.
            Defaults to `1.0`.
        push: `"margin"`; or, for study, `"difference"` (minus the mean squared
            distance of different classes) or `"ratio"` (pull divided by that
            mean; `pull` is then 0). Defaults to `"margin"`.
        sample_weight: Shape `(batch,)`; where it is 0, the sample is in no
            pair, whatever its embedding. Apart from that, weights are ignored,
            since a pair has two samples. Defaults to `None`.

    Returns:
        Dictionary of scalars, float32 (float64 if `y_pred` is): `pull` and
        `push`, each 0 without such a pair, and `same_pairs` and
        `different_pairs`, their numbers.

    Raises:
        ValueError: If `push` is unknown, or a shape is not as above.

    Example:

    >>> labels = ops.array([0, 0, 1])
    >>> embeddings = ops.array([[0.0], [2.0], [2.5]])
    >>> terms = class_variance(labels, embeddings)
    >>> round(float(terms["pull"]), 3)  # 2 ** 2, of one pair
    4.0
    >>> round(float(terms["push"]), 3)  # (0 + (1 - 0.5) ** 2) / 2
    0.125
    """
    _check_push(push)
    labels, x, present = _standardize(y_true, y_pred, sample_weight)
    shares, same_pairs = _within(labels, x, present)
    within = ops.sum(shares)
    samples = ops.sum(present)
    different_pairs = samples * (samples - 1) / 2 - same_pairs
    pull = ops.divide_no_nan(within, same_pairs)
    if push == "margin":
        total = _hinges(labels, present, margin)(x)
        pushed = ops.divide_no_nan(total, different_pairs)
    else:
        between = ops.divide_no_nan(
            ops.maximum(samples * ops.sum(_squares(x, present)) - within, 0.0),
            different_pairs,
        )
        if push == "difference":
            pushed = -between
        else:
            ratio = pull / (between + EPSILON)
            pushed = ops.where(different_pairs > 0, ratio, 0.0)
            pull = ops.zeros_like(pull)
    return {
        "pull": pull,
        "push": pushed,
        "same_pairs": same_pairs,
        "different_pairs": different_pairs,
    }


def _shares(y_true, y_pred, margin, push, sample_weight):
    """Returns each sample's share of the pull and of the push, `(batch,)`.

    The sum of each is the term times the number of samples, so that their mean
    is the term.
    """
    labels, x, present = _standardize(y_true, y_pred, sample_weight)
    within, same_pairs = _within(labels, x, present)
    samples = ops.sum(present)
    different_pairs = samples * (samples - 1) / 2 - same_pairs
    size = ops.sum(ops.ones_like(present))
    pull = size * ops.divide_no_nan(within, same_pairs)
    if push == "margin":
        total = _hinge_shares(labels, present, margin, x)
        return pull, size * ops.divide_no_nan(total, different_pairs)
    between = samples * _squares(x, present) - within
    between = ops.divide_no_nan(between, different_pairs)
    if push == "difference":
        return pull, -size * between
    ratio = pull / (ops.maximum(ops.sum(between), 0.0) + EPSILON)
    return ops.zeros_like(pull), ops.where(different_pairs > 0, ratio, 0.0)


def _standardize(y_true, y_pred, sample_weight):
    """Returns labels, centered embeddings, and 1 for each sample that counts.

    Distances do not depend on the origin, but their rounding errors do: far
    from it, squares cancel.
    """
    x = ops.convert_to_tensor(y_pred)
    if len(x.shape) != 2:
        raise ValueError(
            "Argument `y_pred` must have the shape (batch, dim). "
            f"Received: y_pred.shape={tuple(x.shape)}"
        )
    labels = ops.convert_to_tensor(y_true)
    if len(labels.shape) > 2 or labels.shape[1:] not in ((), (1,)):
        raise ValueError(
            "Argument `y_true` must hold one integer label per sample, not "
            f"one-hot rows. Received: y_true.shape={tuple(labels.shape)}"
        )
    labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
    dtype = keras.backend.standardize_dtype(x.dtype)
    dtype = keras.backend.result_type(dtype, "float32")
    x = ops.cast(x, dtype)  # squares overflow in float16
    present = ops.ones_like(labels, dtype=dtype)
    if sample_weight is not None:
        weight = ops.reshape(sample_weight, (-1,))
        present = ops.cast(ops.not_equal(weight, 0), dtype)
        x = ops.where(present[:, None] > 0, x, 0.0)  # even if it was not finite
    center = ops.divide_no_nan(ops.sum(x, axis=0), ops.sum(present))
    return labels, x - ops.stop_gradient(center), present


def _within(labels, x, present):
    """Returns each sample's share of the pull, and the number of its pairs.

    The sum of the squared distances over the pairs of `n` points is `n` times
    the sum of their squared distances from their mean, which are the shares. A
    class is numbered by its place among the sorted labels, which may be of any
    size. The means have no gradient: deviations from a mean sum to 0.
    """
    samples = ops.shape(x)[0]
    group = ops.searchsorted(ops.sort(labels), labels)
    counts = ops.segment_sum(present, group, num_segments=samples)
    members = present * ops.take(counts, group)
    share = ops.divide_no_nan(present, members)[:, None]
    means = ops.segment_sum(x * share, group, num_segments=samples)
    deviations = x - ops.stop_gradient(ops.take(means, group, axis=0))
    pairs = ops.sum(members - present) / 2
    return members * ops.sum(ops.square(deviations), axis=1), pairs


def _squares(x, present):
    """Returns each sample's squared distance from the mean of all, which is 0.

    Times the number of samples it is its share of all pairs, as in `_within`.
    """
    return present * ops.sum(ops.square(x), axis=1)


def _hinges(labels, present, margin):
    """Returns the function that sums the squared hinges of different classes.

    The gradient at a distance of 0 is 0, not infinite. Samples of weight 0 also
    enter the matrix product of the gradient, but `_standardize` stops their
    gradient.
    """
    weight = present[:, None]
    apart = ops.not_equal(labels[:, None], labels[None])
    reach = margin * present * ops.cast(apart, present.dtype)

    @ops.custom_gradient
    def total(x):
        distances = ops.sqrt(ops.maximum(_squared_distances(x), 0.0))
        hinges = ops.maximum(reach - distances, 0.0)

        # 2 * sum_j (hinge / distance)[i, j] * (x[j] - x[i]), with half as many
        # passes over n * n as the gradient of a backend.
        def gradient(*args, upstream=None):  # PyTorch passes it by name
            up = args[0] if upstream is None else upstream
            forces = ops.divide_no_nan(hinges, distances)
            slopes = ops.matmul(forces, x) - ops.matmul(forces, weight) * x
            return 2 * up * slopes

        pairs = ops.matmul(ops.square(hinges), weight)
        return ops.sum(weight * pairs) / 2, gradient

    return total


def _hinge_shares(labels, present, margin, x):
    """Returns half of the squared hinges of each sample's pairs, `(batch,)`.

    Their sum is that of `_hinges`; its gradient is the backend's own, because
    the samples may be weighted one by one.
    """
    apart = ops.not_equal(labels[:, None], labels[None])
    reach = margin * present * ops.cast(apart, present.dtype)
    squares = _squared_distances(x)
    positive = squares > 0  # otherwise the root's gradient is infinite
    distances = ops.where(
        positive, ops.sqrt(ops.where(positive, squares, 1.0)), 0.0
    )
    hinges = ops.square(ops.maximum(reach - distances, 0.0))
    return present * ops.matmul(hinges, present[:, None])[:, 0] / 2


def _squared_distances(x):
    """Returns the squared distances of all pairs, `(batch, batch)`.

    They come from one matrix product. The squares are taken from its diagonal,
    with the same rounding as the products, so that equal rows have distance 0.
    """
    products = ops.matmul(x, ops.transpose(x))
    norms = ops.diagonal(products)
    return (norms[:, None] - 2 * products) + norms


@keras.saving.register_keras_serializable(package="kerasfg")
class ClassVariance(keras.losses.Loss):
    """Class-variance loss between integer labels and embeddings.

    Gives `pull_weight * pull + push_weight * push`; see `class_variance` for
    the two terms. Use it with batches that hold at least two pictures of a
    class: 16 pictures drawn from 200 classes have 16 * 15 / 2 / 200 = 0.6 pairs
    of one class on average.

    The paper adds the Euclidean distances of whole maps, and prints neither a
    sign, a margin nor a weight. Besides the margin, this loss differs from that
    in three ways:

    1. distances are squared;
    2. they are averaged: over the pairs of a kind, in place of a sum, and with
       `on="attention"` the maps, too, over their positions;
    3. with `on="attention"` distances are divided by the root of the number of
       channels.

    `on="map"` compares the whole maps, as the paper does, divided by their
    number of positions; it keeps the squares, the means over pairs and the
    margin.

    The loss of a sample is its share: of the pull its squared distance from
    the mean of its class, of the push half of each pair it is in, scaled so
    that the mean over the batch is the value above.

    Args:
        pull_weight: Non-negative weight of the pull. Defaults to `0.1`.
        push_weight: Non-negative weight of the push. Defaults to `0.1`.
        margin: See `class_variance`. Defaults to `1.0`.
        push: See `class_variance`. Defaults to `"margin"`.
        on: Embeddings that a `FineGrainedClassifier` uses: `"attention"`
            (its attended feature map, averaged over positions and divided by
            the root of the number of channels, so that a squared distance is a
            mean over channels, and weights and margin suit any backbone),
            `"map"` (the whole map, as in the paper, flattened, but divided by
            its number of positions) or `"features"` (the input of the
            classifier). Defaults to `"attention"`.
        reduction: See `keras.losses.Loss`; a `FineGrainedClassifier` takes the
            mean in any case. Defaults to `"sum_over_batch_size"`.
        name: Name of the loss. Defaults to `"class_variance"`.
        dtype: Dtype of embeddings and value when the loss is called. Defaults
            to `None`, which here means `"float32"` even if
            `keras.config.floatx()` is half.

    Call arguments:
        y_true: Integer labels, shape `(batch,)` or `(batch, 1)`.
        y_pred: Embeddings, shape `(batch, dim)`.
        sample_weight: Shape `(batch,)`; where it is 0, the sample is in no
            pair. Apart from that, weights are ignored, since a pair has two
            samples. Defaults to `None`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:

    >>> labels = ops.array([0, 0, 1])
    >>> embeddings = ops.array([[0.0], [2.0], [9.0]])
    >>> loss = ClassVariance(pull_weight=0.5)(labels, embeddings)
    >>> round(float(loss), 4)  # 0.5 * 2 ** 2, and nothing is too near
    2.0

    Reference:

    - The loss model with class variance for fine-grained classification (Long
      et al.), section 3.2: `loss2` is the pull, `loss1` the push
    """

    def __init__(
        self,
        pull_weight=0.1,
        push_weight=0.1,
        margin=1.0,
        push="margin",
        on="attention",
        reduction="sum_over_batch_size",
        name="class_variance",
        dtype=None,
    ):
        _check_push(push)
        _check_arguments(pull_weight, push_weight, margin, on)
        super().__init__(
            name=name, reduction=reduction, dtype=dtype or "float32"
        )
        if push != "margin":
            warnings.warn(
                f"ClassVariance(push={push!r}) is there for study: "
                f"{STUDIED[push]} Prefer push='margin'.",
                stacklevel=2,
            )
        self.pull_weight = pull_weight
        self.push_weight = push_weight
        self.margin = margin
        self.push = push
        self.on = on

    def terms(self, y_true, y_pred, sample_weight=None):
        """Returns the result of `class_variance` with the sum as `loss`."""
        terms = class_variance(
            y_true, y_pred, self.margin, self.push, sample_weight
        )
        loss = (
            self.pull_weight * terms["pull"] + self.push_weight * terms["push"]
        )
        return {**terms, "loss": loss}

    def __call__(self, y_true, y_pred, sample_weight=None):
        # Weights select the pairs, so they act before the reduction.
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        return reduced(self.call(y_true, y_pred, sample_weight), None, self)

    def call(self, y_true, y_pred, sample_weight=None):
        pull, push = _shares(
            y_true, y_pred, self.margin, self.push, sample_weight
        )
        return self.pull_weight * pull + self.push_weight * push

    def get_config(self):
        return {
            **super().get_config(),
            "pull_weight": self.pull_weight,
            "push_weight": self.push_weight,
            "margin": self.margin,
            "push": self.push,
            "on": self.on,
        }


def _check_push(push):
    if push not in PUSHES:
        raise ValueError(
            f"Argument `push` must be one of {PUSHES}. Received: push={push!r}"
        )


def _check_arguments(pull_weight, push_weight, margin, on):
    for name, value in (
        ("pull_weight", pull_weight),
        ("push_weight", push_weight),
        ("margin", margin),
    ):
        if not value >= 0:
            raise ValueError(
                f"Argument `{name}` must not be negative. "
                f"Received: {name}={value}"
            )
    if on not in ("attention", "map", "features"):
        raise ValueError(
            "Argument `on` must be 'attention', 'map' or 'features'. "
            f"Received: on={on!r}"
        )
