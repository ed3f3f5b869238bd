"""Sets of classes that contain the true one with a given coverage.

Split conformal prediction with the score `1 - probability` of the true class,
which gives the smallest sets on average. It is the LAC of MAPIE, whose sets
the tests compare. `kerasfg predict` and a page need only a list of numbers: a
class is in the set if its probability is at least one of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities

# The coverages that are supported, in hundredths.
PERCENTS = range(50, 100)
# Those in the report.
MEASURED = (0.8, 0.9, 0.95)
DIVISIONS = 20


def fit_sets(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike | Probabilities
) -> dict[str, Any]:
    """Finds the probabilities from which on a class belongs to the set.

    For each coverage from 50 to 99 %. Of new pictures like those given, at
    least that share has its true class in the set, on average over the choice
    of the pictures given; for that these must not have been trained on.

    Formula, for `n` pictures and the probabilities `p` of their true classes:

    ```python
    rank = ceil((n + 1) * coverage)
    lowest = sorted(p, reverse=True)[rank - 1] if rank <= n else 0
    ```

    Args:
        labels: True classes of the validation set, of shape `(n,)`.
        probabilities: Their class probabilities, after `apply_temperature`, of
            shape `(n, classes)`.

    Returns:
        Dict that is strict JSON: `pictures` (`n`) and `lowest`, a list of 50
        probabilities, for a coverage of 50, 51, … 99 %.

    Example:

    >>> fitted = fit_sets([0, 1, 0], [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7]])
    >>> fitted["lowest"][0]  # of a half: the second of three
    0.6

    Reference:

    - [Sadinle et al., 2019](https://arxiv.org/abs/1609.00451)
    """
    labels, probabilities = check_predictions(labels, probabilities)
    return _fitted(probabilities.of(labels))


def lowest_probability(fitted: dict[str, Any], coverage: float) -> float:
    """Returns the probability from which on a class belongs to the set.

    Args:
        fitted: Result of `fit_sets`.
        coverage: Share of pictures whose set must hold the true class, 0.5 to
            0.99; a value between two hundredths counts as the larger.

    Raises:
        ValueError: If `coverage` is outside that range.
    """
    return fitted["lowest"][check_coverage(coverage)]


def check_coverage(coverage: float) -> int:
    """Returns the place of a coverage in `lowest`.

    Raises:
        ValueError: If it is not between 0.5 and 0.99.
    """
    if not 0.5 <= coverage <= 0.99:
        raise ValueError(
            "Argument `coverage` must lie between 0.5 and 0.99: the share of "
            "pictures whose set holds the true class. "
            f"Received: coverage={coverage}"
        )
    return math.ceil(round(100 * coverage, 6)) - PERCENTS[0]


def in_set(probabilities: npt.ArrayLike, lowest: float) -> np.ndarray:
    """Returns which classes belong to the set of each picture.

    The most probable class always does, so that no set is empty.

    Args:
        probabilities: Class probabilities, after `apply_temperature`, of shape
            `(n, classes)`.
        lowest: Result of `lowest_probability`.

    Returns:
        Boolean array of shape `(n, classes)`.

    Example:

    >>> in_set([[0.6, 0.3, 0.1], [0.4, 0.35, 0.25]], 0.5).tolist()
    [[True, False, False], [True, False, False]]
    """
    probabilities = np.asarray(probabilities, "float64")
    members = probabilities >= lowest
    rows = np.arange(len(probabilities))
    members[rows, probabilities.argmax(axis=1)] = True
    return members


def measure_sets(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    fitted: dict[str, Any],
    coverage: float,
    groups: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures how often sets contain the true class, and how large they are.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities, after `apply_temperature`, of shape
            `(n, classes)`.
        fitted: Result of `fit_sets`, of other pictures.
        coverage: The wanted coverage.
        groups: Integers of shape `(n,)`, as of `share_interval`. Defaults to
            `None`: every picture is a group of its own.

    Returns:
        Dict: `coverage`, `coverage_interval` (Wilson, 95 %), `mean_size`,
        `one` and `two`, the shares of sets of one and of two classes.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    limit = lowest_probability(fitted, coverage)
    sizes = set_sizes(probabilities, [limit])[:, 0]
    predicted, _ = probabilities.best
    held = (probabilities.of(labels) >= limit) | (predicted == labels)
    return _measured(held, sizes, groups)


def set_sizes(
    probabilities: Probabilities, limits: Sequence[float]
) -> npt.NDArray[np.int64]:
    """Counts the classes in each picture's set, for several sets at once.

    Args:
        probabilities: After the temperature, of shape `(n, classes)`.
        limits: Results of `lowest_probability`.

    Returns:
        Integers of shape `(n, len(limits))`.
    """
    rising, places = np.unique(limits, return_inverse=True)
    bins = len(rising) + 1

    def of_part(_, rows):
        picture, column = np.nonzero(rows >= rising[0])
        # How many of the limits a probability reaches.
        reached = np.searchsorted(rising, rows[picture, column], side="right")
        counts = np.bincount(
            picture * bins + reached, minlength=len(rows) * bins
        ).reshape(-1, bins)
        at_least = counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        return np.maximum(at_least, 1)[:, places]  # no set is empty

    return probabilities.joined(of_part)


def divided_sets(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    calibration: int,
    coverage: float,
    divisions: int = DIVISIONS,
) -> dict[str, Any]:
    """Measures sets over random divisions of pictures into two parts.

    One part calibrates the sets that are measured on the other: so the promise
    itself is tested, not one lucky division.

    Args:
        labels: True classes of the validation and test pictures, `(n,)`.
        probabilities: Class probabilities, after `apply_temperature`, of shape
            `(n, classes)`.
        calibration: Number of pictures in the part that calibrates.
        coverage: The wanted coverage.
        divisions: Number of divisions. Defaults to `20`.

    Returns:
        Dict: `divisions`, `coverage` and `mean_size` (means over the
        divisions), `coverage_interval` (95 % interval of that mean, by
        Student's t), `lowest` and `highest`, the least and the most coverage
        of one division.

    Raises:
        ValueError: If a part is empty or there are fewer than two divisions.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    if not 0 < calibration < len(labels) or divisions < 2:
        raise ValueError(
            "Each part must have a picture, and there must be two divisions or "
            f"more. Received: calibration={calibration} of {len(labels)}, "
            f"divisions={divisions}"
        )
    true, best = probabilities.of(labels), probabilities.best[0] == labels
    parts = _divisions(true, calibration, divisions)
    limits = [lowest_probability(fitted, coverage) for _, fitted in parts]
    sizes = set_sizes(probabilities, limits)
    return _over_divisions(true, best, parts, limits, sizes)


def sets_on_test(val, test, fitted, groups=None):
    """Measures sets for each coverage of a report.

    Args:
        val: Labels and probabilities of the validation set, a pair; the
            probabilities after `apply_temperature`.
        test: The same of the test set.
        fitted: Result of `fit_sets` on the validation set.
        groups: As of `measure_sets`, of the test set. Defaults to `None`.

    Returns:
        List of dicts: `promised`, a coverage, the result of `measure_sets` on
        the test set, and `random`, that of `divided_sets` on both sets.
    """
    both = [check_predictions(*pair) for pair in (val, test)]
    of_val = len(both[0][0])
    true = np.concatenate([found.of(labels) for labels, found in both])
    best = np.concatenate([found.best[0] == labels for labels, found in both])
    parts = _divisions(true, of_val, DIVISIONS)
    limits = [
        lowest_probability(of_part, coverage)
        for coverage in MEASURED
        for of_part in (fitted, *(found for _, found in parts))
    ]
    # The probabilities are read once for all of them.
    sizes = np.concatenate([set_sizes(found, limits) for _, found in both])
    held = (true[of_val:, None] >= limits) | best[of_val:, None]
    measured = []
    for place, coverage in enumerate(MEASURED):
        first = place * (DIVISIONS + 1)
        rest = slice(first + 1, first + 1 + DIVISIONS)
        measured.append(
            {
                "promised": coverage,
                **_measured(held[:, first], sizes[of_val:, first], groups),
                "random": _over_divisions(
                    true, best, parts, limits[rest], sizes[:, rest]
                ),
            }
        )
    return measured


def _fitted(true):
    """Like `fit_sets`, from the probabilities of the true classes."""
    n, falling = len(true), -np.sort(-true)
    ranks = [-(-(n + 1) * percent // 100) for percent in PERCENTS]
    return {
        "pictures": n,
        "lowest": [float(falling[r - 1]) if r <= n else 0.0 for r in ranks],
    }


def _divisions(true, calibration, divisions):
    """Returns the rows to test on, and the sets fitted to the others."""
    shuffle = np.random.default_rng(0)
    orders = [shuffle.permutation(len(true)) for _ in range(divisions)]
    return [
        (order[calibration:], _fitted(true[order[:calibration]]))
        for order in orders
    ]


def _over_divisions(true, best, parts, limits, sizes):
    measured = [
        _measured((true[rows] >= limit) | best[rows], sizes[rows, place])
        for place, ((rows, _), limit) in enumerate(
            zip(parts, limits, strict=True)
        )
    ]
    divisions = len(measured)
    found = np.array([x["coverage"] for x in measured])
    mean = float(found.mean())
    error = float(found.std(ddof=1)) / math.sqrt(divisions)
    reach = float(stdtrit(divisions - 1, 0.975)) * error
    return {
        "divisions": divisions,
        "coverage": mean,
        "coverage_interval": [max(mean - reach, 0.0), min(mean + reach, 1.0)],
        "lowest": float(found.min()),
        "highest": float(found.max()),
        "mean_size": float(np.mean([x["mean_size"] for x in measured])),
    }


def _measured(held, sizes, groups=None):
    return {
        "coverage": float(held.mean()),
        "coverage_interval": share_interval(held, groups),
        "mean_size": float(sizes.mean()),
        "one": float((sizes == 1).mean()),
        "two": float((sizes == 2).mean()),
    }
