"""Fits and measures how familiar a picture is to a network.

Pictures that a network was not trained for have other features: outside the few
directions in which the features of the known classes vary, and where the logits
are small. With negatives, pictures of anything else, a direction that separates
them from the known ones is added.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.evaluation.metrics.familiarity_head import KNOWN
from kerasfg.evaluation.metrics.familiarity_head import MAX_NUMBERS
from kerasfg.evaluation.metrics.familiarity_head import SHORTEST
from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.evaluation.metrics.familiarity_head import in_parts

KEPT = 0.95
# Familiarity of the known picture in the middle, where float32 allows it.
_MIDDLE = 0.95
# An exported file computes in float32 and must give the familiarity to 1e-4:
# half of it here. This share of the largest value of a measure is lost (2e-4
# were measured for 2e-4, and 5e-6 for 6e-6).
_ROUNDING, _EXACT = 2.0**-19, 5e-5
_STEEPEST = 0.25  # change of a sigmoid with its argument
# Known pictures are near 1 in the direction of negatives, these near -1: from
# here on, the square grows with it.
_FAR = 4.0
# The number of principal directions that are taken of more features.
_MOST_FOR_RIDGE = 1280
# Of the mean variance of the features along their axes.
_PENALTIES = 10.0 ** np.arange(-3, 4)


def fit_familiarity(
    features: npt.ArrayLike,
    val_features: npt.ArrayLike,
    val_logits: npt.ArrayLike,
    negative_features: npt.ArrayLike | None = None,
    negative_logits: npt.ArrayLike | None = None,
    kept: float = KEPT,
) -> Familiarity:
    """Fits the familiarity of pictures to a network.

    Formula, for features `x` of length 1, `P` the leading directions of those
    of the training pictures, and logits:

    ```python
    inside = sum((x @ P) ** 2)  # 1 if x is entirely within them
    energy = log(sum(exp(logits)))
    familiarity = sigmoid(offset + a * inside + b * energy)
    ```

    With negatives, a ridge regression `x @ w` of known (1) and negative (-1)
    pictures is added as `(x @ w + 4) ** 2`, for the validation pictures as it
    would be without each of them (leave-one-out). All of them weigh alike: each
    is divided by its standard deviation over the validation pictures. (Weights
    fitted to the negatives let more of another kind through.)

    Args:
        features: Features of the training pictures, `(pictures, dim)`: the
            input of the last dense layer.
        val_features: Those of validation pictures. They set the threshold, so
            the network must not have been trained on them.
        val_logits: Their logits, `(pictures, classes)`: the input of the
            softmax.
        negative_features: Features of pictures of none of the classes.
            Defaults to `None`.
        negative_logits: Their logits. Defaults to `None`.
        kept: Share of the validation pictures with a familiarity of at least
            0.5. Defaults to `0.95`.

    Returns:
        A `Familiarity`, whose `score` of the validation picture in the middle
        is 0.95; less where float32 has not the digits for it, since the
        pictures differ little. Which are known does not depend on that.

    Raises:
        ValueError: If arrays are empty, not finite or do not fit together, or
            `kept` is not between 0.5 and 1.

    Example:

    ```python
    head = fit_familiarity(features, val_features, val_logits)
    known = head.score(new_features, new_logits) >= 0.5
    ```

    References:

    - [Liu et al., 2020](https://arxiv.org/abs/2010.03759), the energy
    - [Wang et al., 2022](https://arxiv.org/abs/2203.10807), the part outside of
      the principal directions
    """
    _check_arguments(kept, negative_features, negative_logits)
    train = _unit(_checked("features", features))
    dim = train.shape[1]
    val = _pair("val", val_features, val_logits, dim)
    most = MAX_NUMBERS - (negative_features is not None)
    directions = leading_directions(train, most)
    measures = [((val[0] @ directions) ** 2).sum(axis=1)]
    if negative_features is not None:
        negatives = _pair("negative", negative_features, negative_logits, dim)
        _check_classes(val, negatives)
        slope, start, left_out = _direction(train, val[0], negatives[0])
        measures.append((left_out + _FAR) ** 2)
    energies = _energies(val[1])
    *weights, energy = map(_weight, [*measures, energies])
    values = energy * energies
    sizes = energy * max(val[1].max(), -val[1].min())
    for weight, measure in zip(weights, measures, strict=True):
        values = values + weight * measure
        sizes = sizes + weight * measure.max()
    scale, offset = _threshold(values, kept, _largest_scale(sizes))
    projection = directions * math.sqrt(scale * weights[0])
    bias = np.zeros(projection.shape[1])
    if negative_features is not None:
        size = math.sqrt(scale * weights[1])
        projection = np.column_stack([projection, slope * size])
        bias = np.append(bias, (start + _FAR) * size)
    return Familiarity(
        projection.astype("float32"),
        bias.astype("float32"),
        np.zeros((1, len(bias)), "float32"),
        distance=-1.0,
        energy=scale * energy,
        offset=offset,
    )


def measure_familiarity(
    known: npt.ArrayLike, foreign: npt.ArrayLike, kept: float = KEPT
) -> dict[str, Any]:
    """Measures how well a score separates known pictures from foreign ones.

    Args:
        known: Scores of pictures of the classes, such as a `Familiarity` gives
            them, `(n,)`; they must be of pictures on which nothing was fitted.
        foreign: Scores of others.
        kept: Share of the known pictures for `let_through_at_kept`. Defaults
            to `0.95`.

    Returns:
        Dict that is strict JSON: `pictures`, the number of foreign ones;
        `auroc`, the share of pairs of a known and a foreign picture in which
        the known one has the higher score; `let_through`, the share of foreign
        pictures with a score of at least 0.5, and its `let_through_interval`
        (Wilson, 95 %); `let_through_at_kept`, the same at the threshold that
        keeps the share `kept` of these known pictures.

    Raises:
        ValueError: If one of the two is empty or not finite.

    Example:

    >>> measure_familiarity([0.9, 0.4], [0.6, 0.1])["auroc"]
    0.75
    """
    from sklearn.metrics import roc_auc_score  # slow

    known, foreign = np.ravel(known), np.ravel(foreign)
    for name, scores in {"known": known, "foreign": foreign}.items():
        if not len(scores) or not np.isfinite(scores).all():
            raise ValueError(
                f"Argument `{name}` must be finite scores of at least one "
                f"picture. Received: {name} of shape {scores.shape}"
            )
    passed = int((foreign >= KNOWN).sum())
    is_known = np.arange(len(known) + len(foreign)) < len(known)
    threshold = np.quantile(known, round(1 - kept, 9))
    return {
        "pictures": len(foreign),
        "auroc": float(
            roc_auc_score(is_known, np.concatenate([known, foreign]))
        ),
        "let_through": passed / len(foreign),
        "let_through_interval": list(wilson_interval(passed, len(foreign))),
        "let_through_at_kept": float((foreign >= threshold).mean()),
    }


def _check_arguments(kept, negative_features, negative_logits):
    if not 0.5 <= kept < 1:
        raise ValueError(
            "Argument `kept` must be at least 0.5 and below 1. "
            f"Received: kept={kept}"
        )
    if (negative_features is None) != (negative_logits is None):
        raise ValueError(
            "Negatives must have features and logits, or neither. Received: "
            "one of `negative_features` and `negative_logits`"
        )


def _checked(name, values):
    values = np.asarray(values, "float64")
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"Argument `{name}` must be finite numbers, a row for each "
            f"picture. Received: {name} of shape {values.shape}"
        )
    return values


def _pair(name, features, logits, dim):
    features = _checked(f"{name}_features", features)
    logits = np.asarray(logits)
    for rows in in_parts(logits) if logits.ndim == 2 else (logits,):
        _checked(f"{name}_logits", rows)
    if features.shape[1] != dim or len(logits) != len(features):
        raise ValueError(
            f"Each picture must have its logits and {dim} features. Received: "
            f"{name}_features of shape {features.shape}, {name}_logits of "
            f"shape {logits.shape}"
        )
    return _unit(features), logits


def _energies(logits):
    return np.concatenate(
        [logsumexp(rows, axis=1) for rows in in_parts(logits)]
    )


def _check_classes(val, negatives):
    if val[1].shape[1] != negatives[1].shape[1]:
        raise ValueError(
            "Logits must be of the same classes. Received: val_logits of "
            f"{val[1].shape[1]} and negative_logits of "
            f"{negatives[1].shape[1]} classes"
        )


def _unit(features):
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(lengths, SHORTEST)


def leading_directions(features, most):
    """Returns the directions that hold most of the features, as columns.

    Args:
        features: `(n, dim)`.
        most: Largest number of directions.

    Returns:
        Array `(dim, count)` of columns of length 1 at right angles.
    """
    from sklearn.utils.extmath import randomized_svd  # slow

    _, sizes, rows = randomized_svd(
        features,
        min(most, *features.shape),
        n_oversamples=64,  # few features: exact
        random_state=0,
    )
    return rows[sizes >= min(sizes[0], 1e-6 * max(sizes[0], 1e-6))].T


def _weight(measure):
    """Returns a weight by which measures vary alike; 0 for a constant."""
    spread = float(measure.std())
    return 1 / spread if spread > 1e-9 * max(abs(measure).max(), 1) else 0.0


def _direction(train, val, negatives):
    """Returns the regression of known (1) and negative (-1) pictures.

    Returns:
        `(slope, start, left_out)`: the weights, the constant, and the value of
        each picture of `val` by a regression without it.
    """
    x = np.concatenate([val, negatives, train])
    y = np.ones(len(x))
    y[len(val) : len(val) + len(negatives)] = -1
    others = len(negatives)
    # Both sides weigh alike.
    weights = np.where(y > 0, 0.5 / (len(x) - others), 0.5 / others)
    axes = np.eye(x.shape[1])
    if x.shape[1] > _MOST_FOR_RIDGE:
        axes = leading_directions(x, _MOST_FOR_RIDGE)
    slope, start, left_out = ridge_left_out(x @ axes, y, weights)
    return axes @ slope, start, left_out[: len(val)]


def ridge_left_out(x, y, weights):
    """Fits a ridge regression, whose penalty leave-one-out chooses.

    Without row `i` it would give `(f - h * y) / (1 - h)` for that row, where
    `f` is its prediction and `h` the row's own weight in it: no row has to be
    left out.

    Args:
        x: `(n, dim)`.
        y: `(n,)`.
        weights: Weights of the rows, `(n,)`, with the sum 1.

    Returns:
        `(slope, start, left_out)`: float64 arrays `(dim,)`, `()` and `(n,)`.
    """
    middle = weights @ x
    centred = x - middle
    sizes, axes = np.linalg.eigh((centred.T * weights) @ centred)
    sizes, along = np.maximum(sizes, 0), centred @ axes
    height = weights @ y
    to_axes = along.T @ (weights * y)
    best = None
    for penalty in max(sizes.mean(), 1e-12) * _PENALTIES:
        of_axes = to_axes / (sizes + penalty)
        own = weights * ((along**2) @ (1 / (sizes + penalty)) + 1)
        given = along @ of_axes + height
        left_out = (given - own * y) / np.maximum(1 - own, 1e-9)
        error = weights @ (left_out - y) ** 2
        if best is None or error < best[0]:
            best = error, axes @ of_axes, left_out
    slope = best[1]
    return slope, height - middle @ slope, best[2]


def _largest_scale(sizes):
    """Returns up to which scale float32 gives the familiarity to 1e-4.

    Args:
        sizes: Sum of the largest values that are added up, before the scale.
    """
    lost = _STEEPEST * _ROUNDING * float(sizes)
    return _EXACT / lost if lost else math.inf


def _threshold(values, kept, largest):
    """Returns scale and offset by which the share `kept` is at least 0.5."""
    lowest = np.quantile(values, round(1 - kept, 9), method="lower")
    apart = np.median(values) - lowest
    scale = math.log(_MIDDLE / (1 - _MIDDLE)) / apart if apart > 0 else 1.0
    scale = min(scale, largest)
    return scale, -scale * lowest
