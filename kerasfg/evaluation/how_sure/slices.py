"""How often a classifier is right on parts of the pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.data.files.find import natural
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities

MAX_VALUES = 50
# With no more different numbers than this, each is a value of its own.
FEW_NUMBERS = 8


def accuracy_by(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    values: Sequence[Any],
    groups: npt.ArrayLike | None = None,
    name: str = "values",
) -> dict[str, Any]:
    """Measures the accuracy for each value of a column of the pictures.

    A column of more than eight different numbers is cut into quartiles.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`.
        values: A text or a number for each picture; `""` and `None` are none.
        groups: As of `share_interval`. Defaults to `None`.
        name: Name of the column, for messages. Defaults to `"values"`.

    Returns:
        Dict that is strict JSON: `numbers` (whether they were cut), and
        `values`, a list of dicts: `value` (a text, such as `"12 to 40"`;
        `None` of pictures without one), `n`, `top_1` and `top_1_interval`
        (95 %). Texts are in natural order.

    Raises:
        ValueError: If there is not a value for each picture, or more than 50
            different texts.

    Example:

    >>> right, wrong = [0.9, 0.1], [0.2, 0.8]
    >>> found = accuracy_by([0, 0, 0], [right, right, wrong], ["a", "b", "b"])
    >>> [(row["value"], row["n"], row["top_1"]) for row in found["values"]]
    [('a', 1, 1.0), ('b', 2, 0.5)]
    """
    labels, probabilities = check_predictions(labels, probabilities)
    if len(values) != len(labels):
        raise ValueError(
            "There must be a value for each picture. Received: "
            f"{len(values)} {name} of {len(labels)} pictures"
        )
    names, places = slices_of(values, name)
    right = probabilities.best[0] == labels
    groups = None if groups is None else np.asarray(groups)
    rows = [
        _measured(value, right, places == place, groups)
        for place, value in [*enumerate(names), (-1, None)]
    ]
    return {
        "numbers": bool(_numbers(values)),
        "values": [row for row in rows if row["n"]],
    }


def slices_of(
    values: Sequence[Any], name: str = "values"
) -> tuple[list[str], np.ndarray]:
    """Divides pictures by the values of a column; see `accuracy_by`.

    Args:
        values: As of `accuracy_by`.
        name: As of `accuracy_by`. Defaults to `"values"`.

    Returns:
        Tuple of the names of the parts, and the part of each picture, an
        integer, -1 for none.

    Raises:
        ValueError: If there are more than 50 different texts.
    """
    numbers = _numbers(values)
    if numbers:
        return _quartiles(numbers)
    texts = ["" if value is None else str(value).strip() for value in values]
    names = sorted(set(texts) - {""}, key=natural)
    if len(names) > MAX_VALUES:
        raise ValueError(
            f"Pictures are compared by a column of at most {MAX_VALUES} "
            "different words; only a column of numbers is cut into four parts. "
            f"Received: by={name!r}, with {len(names)} different words, such "
            f"as {names[0]!r} and {names[1]!r}"
        )
    index = {text: place for place, text in enumerate(names)}
    return names, np.array([index.get(text, -1) for text in texts], int)


def _measured(value, right, some, groups):
    n = int(some.sum())
    return {
        "value": value,
        "n": n,
        "top_1": float(right[some].mean()) if n else None,
        "top_1_interval": share_interval(
            right[some], None if groups is None else groups[some]
        ),
    }


def _numbers(values):
    """Returns numbers to cut, NaN where there is none; `None` for words."""
    numbers = []
    for value in values:
        text = "" if value is None else str(value).strip()
        try:
            number = float(text) if text else math.nan
        except ValueError:
            return None
        if text and not math.isfinite(number):
            return None
        numbers.append(number)
    different = {number for number in numbers if not math.isnan(number)}
    return numbers if len(different) > FEW_NUMBERS else None


def _quartiles(numbers):
    numbers = np.array(numbers)
    known = ~np.isnan(numbers)
    edges = np.quantile(
        numbers[known], (0.25, 0.5, 0.75), method="inverted_cdf"
    )
    places = np.full(len(numbers), -1)
    # A part holds its upper edge; parts that would be empty are left out.
    cut = np.searchsorted(np.unique(edges), numbers[known], side="left")
    places[known] = np.unique(cut, return_inverse=True)[1]
    names = []
    for place in range(places.max() + 1):
        part = numbers[places == place]
        low, high = f"{part.min():.10g}", f"{part.max():.10g}"
        names.append(low if low == high else f"{low} to {high}")
    return names, places
