"""The answer for one picture, from the probabilities of its classes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.metrics.familiarity_head import KNOWN
from kerasfg.evaluation.metrics.levels import coarser_name
from kerasfg.evaluation.metrics.prediction_sets import check_coverage
from kerasfg.evaluation.metrics.prediction_sets import in_set
from kerasfg.evaluation.metrics.prediction_sets import lowest_probability


def answer(
    probabilities: npt.ArrayLike,
    class_names: Sequence[str],
    threshold: float | Sequence[float] = 0.0,
    top: int = 3,
    coverage: float | None = None,
    prediction_sets: Mapping[str, Any] | None = None,
    levels: Sequence[Mapping[str, Any]] = (),
    familiarity: float | None = None,
) -> dict[str, Any]:
    """Returns the answer for a picture.

    Args:
        probabilities: Probabilities of shape `(classes,)`, after
            `apply_temperature`.
        class_names: Names of the classes.
        threshold: An answer with a lower best probability is "not sure"; one
            for all classes or one for each. Defaults to `0.0`.
        top: Number of classes to name. Defaults to `3`.
        coverage: Share of pictures whose set must hold the true class, 0.5 to
            0.99. Defaults to `None`: no set is given.
        prediction_sets: Result of
            `kerasfg.evaluation.metrics.prediction_sets.fit_sets`; needed for
            `coverage`. Defaults to `None`.
        levels: Result of `kerasfg.evaluation.metrics.levels.fit_levels`.
            Defaults to `()`: there are no coarser names.
        familiarity: From 0 to 1; below 0.5 the picture is of none of the
            classes. Defaults to `None`: it is not known.

    Returns:
        Dict that is strict JSON: `class`, `probability`, `sure`, and `top`, a
        list of (class, probability), best first. With `coverage`, also
        `coverage` and `set`, a list like `top` of the classes in the set. With
        `levels`, where the class is not sure, also `coarser`, the result of
        `kerasfg.evaluation.metrics.levels.coarser_name`. With `familiarity`,
        also `familiarity` and `known`; an unknown picture is not sure, and has
        no `set` and no `coarser` name.

    Raises:
        ValueError: If `coverage` is out of range, or there are no
            `prediction_sets` for it.

    Example:

    >>> answer([0.2, 0.7, 0.1], ["crow", "rook", "jay"], top=1)["top"]
    [('rook', 0.7)]
    """
    probabilities = np.asarray(probabilities, "float64")
    first = int(probabilities.argmax())
    if isinstance(threshold, (Sequence, np.ndarray)):
        threshold = float(threshold[first])
    found = {
        "class": class_names[first],
        "probability": float(probabilities[first]),
        "sure": float(probabilities[first]) >= threshold,
        "top": _best(probabilities, class_names, top),
    }
    if familiarity is not None:
        found["familiarity"] = float(familiarity)
        found["known"] = found["familiarity"] >= KNOWN
    if not found.get("known", True):
        if coverage is not None:
            check_coverage(coverage)
            check_sets(prediction_sets)
        return found | {"sure": False}
    if levels and not found["sure"]:
        found["coarser"] = coarser_name(probabilities, levels)
    if coverage is not None:
        lowest = lowest_probability(check_sets(prediction_sets), coverage)
        size = int(in_set(probabilities[None], lowest).sum())
        members = _best(probabilities, class_names, size)
        found |= {"coverage": coverage, "set": members}
    return found


def _best(probabilities, class_names, most):
    """Returns the `most` best pairs of a class and its probability.

    Of equal probabilities the lower class comes first. Only these are sorted:
    there may be 10,000 others.
    """
    places = np.arange(len(probabilities))
    most = max(most, 0)
    if 0 < most < len(places):
        last = np.partition(probabilities, -most)[-most]
        places = np.flatnonzero(probabilities >= last)
    order = places[np.argsort(-probabilities[places], kind="stable")][:most]
    return [(class_names[i], float(probabilities[i])) for i in order]


def check_sets(prediction_sets):
    """Returns the result of `fit_sets`; raises `ValueError` for `None`."""
    if prediction_sets is None:
        raise ValueError(
            "Sets for a `coverage` must have been fitted on validation "
            "pictures: evaluate the run by `kerasfg evaluate RUN`, export it "
            "again if this is an exported file, or leave `coverage` out. "
            "Received: a model without prediction_sets in its kerasfg.json"
        )
    return prediction_sets


def describe(answer: Mapping[str, Any]) -> str:
    """Formats an answer as one line.

    Args:
        answer: Result of `answer` with `file`, or a dictionary with `file`
            and `error`.

    Returns:
        A string.

    Example:

    >>> found = {"file": "a.png", "sure": False, "top": [("wren", 0.25)]}
    >>> describe(found)
    'a.png: not sure: wren 25.0 %'
    >>> describe({**found, "set": [("wren", 0.25), ("tit", 0.2)]})
    'a.png: one of these two: wren 25.0 %, tit 20.0 %'
    >>> coarser = {"level": "family", "name": "Paridae", "probability": 0.9}
    >>> describe({**found, "coarser": coarser})
    'a.png: Paridae (family) 90.0 %, not sure which: wren 25.0 %'
    >>> describe({**found, "familiarity": 0.03, "known": False})
    'a.png: none of these classes (familiarity 3 %); nearest: wren 25.0 %'
    """
    if "error" in answer:
        return f"{answer['file']}: cannot be read: {answer['error']}"
    if not answer.get("known", True):
        share = math.floor(100 * answer["familiarity"])  # never 50 %
        return (
            f"{answer['file']}: none of these classes (familiarity "
            f"{share} %); nearest: {_listed(answer['top'])}"
        )
    coarser = answer.get("coarser")
    name = _described_level(coarser) if coarser else ""
    if "set" in answer:
        return f"{answer['file']}: {name}{_described_set(answer)}"
    which = "not sure which: " if coarser else "not sure: "
    unsure = "" if answer["sure"] else which
    return f"{answer['file']}: {name}{unsure}{_listed(answer['top'])}"


def _described_level(coarser):
    share = 100 * coarser["probability"]
    return f"{coarser['name']} ({coarser['level']}) {share:.1f} %, "


def _described_set(answer):
    """Names as many classes as requested, and at least two."""
    members = answer["set"]
    if len(members) == 1:
        return _listed(members)
    shown = members[: max(2, len(answer["top"]))]
    left = len(members) - len(shown)
    number = "two" if len(members) == 2 else len(members)
    more = f" and {left} more" if left else ""
    return f"one of these {number}: {_listed(shown)}{more}"


def _listed(pairs):
    return ", ".join(f"{name} {100 * p:.1f} %" for name, p in pairs)
