"""The probability from which on each class is right as often as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.calibration import confidence_threshold
from kerasfg.evaluation.metrics.calibration import lowest_confidence
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.predictions import rows_by_class
from kerasfg.evaluation.probabilities import Probabilities

PRECISION = 0.95
# Classes that are named less often have the threshold of all together.
FEW = 10


def check_precision(precision: float) -> None:
    """Raises `ValueError` for a precision out of range."""
    if not 0.5 <= precision <= 0.999:
        raise ValueError(
            "Argument `precision` must lie between 0.5 and 0.999: the share of "
            "right answers among those of a class. Received: "
            f"precision={precision}"
        )


def fit_class_thresholds(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    precision: float = PRECISION,
) -> dict[str, Any]:
    """Finds for each class the lowest probability at which it is named.

    It is the lowest at which, of the pictures that are named so with that
    probability or more, at least the share `precision` is right. A class that
    is named for fewer than 10 pictures has the threshold of all classes
    together, since they are too few to estimate its own.

    A share of few pictures is no guarantee: `kept` is their number, `interval`
    what the precision may be (95 %), and `promised` is true only where the
    lower end of that is the wanted one, which takes 73 pictures that are all
    right for 95 %.

    Args:
        labels: True classes of the validation set, of shape `(n,)`.
        probabilities: Their class probabilities, after `apply_temperature`, of
            shape `(n, classes)`.
        precision: The wanted share, 0.5 to 0.999. Defaults to `0.95`.

    Returns:
        Dict that is strict JSON: `precision`; `common`, the threshold of all
        classes together; `thresholds`, one per class, 1.0 where no
        probability is high enough; and `classes`, a dict per class: `named`,
        `own` (whether the threshold is its own), `kept`, `right`, `interval`
        (`None` if nothing is kept), `promised`.

    Raises:
        ValueError: If `precision` is out of range.

    Example:

    >>> fitted = fit_class_thresholds([0, 1], [[0.9, 0.1], [0.7, 0.3]])
    >>> fitted["thresholds"]  # two pictures: that of all together
    [0.9, 0.9]
    """
    check_precision(precision)
    labels, probabilities = check_predictions(labels, probabilities)
    common = confidence_threshold(labels, probabilities, precision)
    predicted, best = probabilities.best
    is_right = predicted == labels
    thresholds, classes = [], []
    for named in rows_by_class(predicted, probabilities.shape[1]):
        limit, own = common, len(named) >= FEW
        if own:
            limit = lowest_confidence(is_right[named], best[named], precision)
        right = is_right[named[best[named] >= limit]]
        interval = share_interval(right)
        thresholds.append(limit)
        classes.append(
            {
                "named": len(named),
                "own": own,
                "kept": len(right),
                "right": int(right.sum()),
                "interval": interval,
                "promised": interval is not None and interval[0] >= precision,
            }
        )
    return {
        "precision": precision,
        "common": common,
        "thresholds": thresholds,
        "classes": classes,
    }


def measure_class_thresholds(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    fitted: Mapping[str, Any],
    groups: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures how much is still answered, and how often that is right.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities, after `apply_temperature`, of shape
            `(n, classes)`.
        fitted: Result of `fit_class_thresholds`, of other pictures.
        groups: As of `share_interval`. Defaults to `None`.

    Returns:
        Dict that is strict JSON: `n` (pictures that are answered), `coverage`
        (their share), `accuracy` (of these), `coverage_interval` and
        `accuracy_interval` (95 %), and `per_class`, dicts of `named`, `n` (of
        these, answered), `precision` and `precision_interval`. A measure
        without any picture is `None`.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    predicted, best = probabilities.best
    answered = best >= np.asarray(fitted["thresholds"])[predicted]
    right = predicted == labels
    groups = None if groups is None else np.asarray(groups)

    def share(key, some):
        rows = None if groups is None else groups[some]
        value = float(right[some].mean()) if len(some) else None
        interval = share_interval(right[some], rows)
        return {key: value, f"{key}_interval": interval}

    per_class = []
    for named in rows_by_class(predicted, probabilities.shape[1]):
        some = named[answered[named]]
        found = {"named": len(named), "n": len(some)}
        per_class.append({**found, **share("precision", some)})
    return {
        "n": int(answered.sum()),
        "coverage": float(answered.mean()),
        "coverage_interval": share_interval(answered, groups),
        **share("accuracy", np.flatnonzero(answered)),
        "per_class": per_class,
    }
