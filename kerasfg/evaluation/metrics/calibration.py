"""Whether a classifier knows how often it is right."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities
from kerasfg.evaluation.probabilities import logits_of

TEMPERATURES = (0.05, 20.0)


def calibration_error(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    bins: int = 15,
) -> float:
    """Computes the expected calibration error of the top-1 prediction.

    Formula:

    ```python
    error = sum(len(b) / n * abs(accuracy(b) - confidence(b)) for b in bins)
    ```

    over bins of equal width, each without its lower and with its upper edge.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`.
        bins: Number of bins. Defaults to `15`.

    Returns:
        Float in [0, 1]; 0 is a classifier that is right as often as its
        confidence.

    Example:

    >>> labels, probabilities = [0, 0], [[0.8, 0.2], [0.2, 0.8]]
    >>> round(calibration_error(labels, probabilities), 6)  # |0.5 - 0.8|
    0.3

    Reference:

    - [Guo et al., 2017](https://arxiv.org/abs/1706.04599), Eq. 3
    """
    labels, _ = check_predictions(labels, probabilities)
    return sum(
        b["n"] / len(labels) * abs(b["accuracy"] - b["confidence"])
        for b in reliability(labels, probabilities, bins)
    )


def reliability(labels, probabilities, bins=15):
    """Groups predictions by confidence: what a reliability diagram shows.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`.
        bins: Number of bins of equal width. Defaults to `15`.

    Returns:
        List of dicts, one for each bin that is not empty: `low`, `high` (the
        edges), `n`, `confidence` and `accuracy` (the means).
    """
    labels, probabilities = check_predictions(labels, probabilities)
    if not bins >= 1:
        raise ValueError(
            f"Argument `bins` must be positive. Received: bins={bins}"
        )
    predicted, highest = probabilities.best
    right = predicted == labels
    # A row may sum to a little more than 1.
    confidences = highest.clip(0, 1)
    edges = np.arange(bins + 1) / bins
    index = np.searchsorted(edges, confidences, side="left") - 1
    return [
        {
            "low": float(edges[i]),
            "high": float(edges[i + 1]),
            "n": int((index == i).sum()),
            "confidence": float(confidences[index == i].mean()),
            "accuracy": float(right[index == i].mean()),
        }
        for i in np.unique(index)
    ]


def negative_log_likelihood(labels, probabilities):
    """Computes the mean of `-log(probability of the true class)`.

    A probability of 0 counts as the smallest normal float32.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    return -float(logits_of(probabilities.of(labels)).mean())


def fit_temperature(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike | Probabilities
) -> float:
    """Finds the temperature with the least negative log-likelihood.

    The likelihood has one peak in the temperature. Where every prediction is
    right it is 0, which would make each of them certain: the search is limited
    to [0.05, 20].

    Args:
        labels: True classes of the validation set, of shape `(n,)`.
        probabilities: Their class probabilities, of shape `(n, classes)`.

    Returns:
        Float, above 1 for a classifier that is too sure of itself.

    Reference:

    - [Guo et al., 2017](https://arxiv.org/abs/1706.04599), Eq. 9
    """
    from scipy.optimize import minimize_scalar  # slow

    labels, probabilities = check_predictions(labels, probabilities)

    def loss(log_temperature):
        factor = math.exp(-log_temperature)

        def of_part(chosen, rows):
            scaled = logits_of(rows) * factor
            scaled -= scaled.max(axis=1, keepdims=True)
            own = labels[chosen, None]
            true = np.take_along_axis(scaled, own, axis=1)[:, 0]
            return true - np.log(np.exp(scaled, out=scaled).sum(axis=1))

        return -probabilities.joined(of_part).mean()

    bounds = tuple(math.log(t) for t in TEMPERATURES)
    found = minimize_scalar(
        loss, bounds=bounds, method="bounded", options={"xatol": 1e-6}
    ).x
    # 1 first: if the data do not decide, nothing changes.
    return math.exp(min((0.0, found), key=loss))


def apply_temperature(
    probabilities: npt.ArrayLike, temperature: float
) -> np.ndarray:
    """Computes `softmax(log(probabilities) / temperature)`.

    Args:
        probabilities: Class probabilities of shape `(n, classes)`. Those below
            the smallest normal float32 count as that.
        temperature: Positive float. 1 changes nothing, more makes the
            probabilities more equal. The order of classes stays.

    Returns:
        Float64 array of shape `(n, classes)`.

    Raises:
        ValueError: If `temperature` is not positive and finite.

    Example:

    >>> apply_temperature([[0.8, 0.2]], 2.0).round(3).tolist()
    [[0.667, 0.333]]
    """
    if not 0 < temperature < math.inf:
        raise ValueError(
            "Argument `temperature` must be positive and finite. "
            f"Received: temperature={temperature}"
        )
    logits = logits_of(np.asarray(probabilities, "float64"))
    return softmax(logits / temperature, axis=1)


def confidence_threshold(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    accuracy: float = 0.9,
) -> float:
    """Finds the confidence from which on predictions can be relied on.

    The smallest confidence such that, of the samples with that confidence or
    more, the share `accuracy` is right. Below it an app shows "not sure".

    Args:
        labels: True classes of the validation set, of shape `(n,)`.
        probabilities: Their class probabilities, after `apply_temperature`, of
            shape `(n, classes)`.
        accuracy: Share that must be right. Defaults to `0.9`.

    Returns:
        Float in [0, 1]; 1.0 where no confidence is high enough.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    if not 0 <= accuracy <= 1:
        raise ValueError(
            "Argument `accuracy` must lie in [0, 1]. "
            f"Received: accuracy={accuracy}"
        )
    predicted, confidences = probabilities.best
    return lowest_confidence(predicted == labels, confidences, accuracy)


def lowest_confidence(
    right: npt.NDArray[np.bool_],
    confidences: npt.NDArray[np.float64],
    accuracy: float,
) -> float:
    """Like `confidence_threshold`, from which answers are right.

    Args:
        right: Whether each picture is, `(n,)`.
        confidences: Its highest probability, `(n,)`.
        accuracy: Share that must be right.
    """
    order = np.argsort(-confidences, kind="stable")
    confidences, right = confidences[order], right[order]
    shares = right.cumsum() / np.arange(1, len(right) + 1)
    # Samples of one confidence are above it together.
    last = np.append(confidences[1:] < confidences[:-1], True)
    enough = confidences[last & (shares >= accuracy)]
    return float(min(enough.min(), 1.0)) if len(enough) else 1.0
