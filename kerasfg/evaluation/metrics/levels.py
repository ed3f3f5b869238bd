"""Coarser names where the fine one is unsure: how often each is right."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.calibration import lowest_confidence
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities

if TYPE_CHECKING:
    from kerasfg.data.taxonomy import Level

CLASS = "class"  # the finest level


def fit_levels(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    levels: Iterable[Level],
    threshold: float,
    accuracy: float = 0.9,
) -> list[dict[str, Any]]:
    """Finds the probability from which on a coarser name can be relied on.

    For each level on the pictures whose finer names are not sure: so the names
    of a level are right as often as those of classes. (On all pictures the easy
    ones, whose class is named anyway, would lower the thresholds too far.)

    Args:
        labels: True classes of the validation set, of shape `(n,)`.
        probabilities: Their class probabilities, after `apply_temperature`, of
            shape `(n, classes)`.
        levels: `Level`s from fine to coarse.
        threshold: Probability from which on the class is sure.
        accuracy: Share of the names that must be right. Defaults to `0.9`.

    Returns:
        For each level a dict that is strict JSON: `name`, `of_class` (the
        group of each class) and `threshold`, 1.0 if no probability is high
        enough.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    unsure = probabilities.best[1] < threshold
    fitted = []
    for level in levels:
        groups, named, best = _best_groups(level.of_class, probabilities)
        limit = 1.0
        if unsure.any():
            right = named == groups[labels]
            limit = lowest_confidence(right[unsure], best[unsure], accuracy)
        unsure &= best < limit
        names = [str(name) for name in level.of_class]
        fitted.append(
            {"name": level.name, "of_class": names, "threshold": limit}
        )
    return fitted


def group_probabilities(
    probabilities: npt.ArrayLike, of_class: Sequence[str]
) -> tuple[tuple[str, ...], np.ndarray]:
    """Adds up the probabilities of the classes of each group.

    Args:
        probabilities: Class probabilities of shape `(n, classes)`.
        of_class: The group of each class.

    Returns:
        Tuple of the names of the groups, in the order of their first classes,
        and their probabilities, of shape `(n, groups)`.

    Example:

    >>> found = group_probabilities([[0.5, 0.2, 0.3]], ["wood", "sea", "wood"])
    >>> found[0], found[1].round(3).tolist()
    (('wood', 'sea'), [[0.8, 0.2]])
    """
    probabilities = np.asarray(probabilities, "float64")
    _check_groups(of_class, probabilities.shape[1])
    names, groups = _numbered(tuple(of_class))
    return names, _summed(probabilities, groups, len(names))


def coarser_name(
    probabilities: npt.ArrayLike, fitted: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Returns the finest coarser name that is sure.

    Args:
        probabilities: Class probabilities of one picture, after
            `apply_temperature`, of shape `(classes,)`.
        fitted: Result of `fit_levels`.

    Returns:
        Dict of `level`, `name` and `probability`; `None` if no name is sure.
    """
    row = np.asarray(probabilities, "float64")[None]
    for level in fitted:
        names, grouped = group_probabilities(row, level["of_class"])
        best = int(grouped[0].argmax())
        if grouped[0, best] >= level["threshold"]:
            return {
                "level": level["name"],
                "name": names[best],
                "probability": float(grouped[0, best]),
            }
    return None


def measure_levels(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    fitted: Sequence[Mapping[str, Any]],
    threshold: float,
    group_ids: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures how often coarser names are right, and how far mistakes go.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities, after `apply_temperature`, of shape
            `(n, classes)`.
        fitted: Result of `fit_levels`, of other pictures.
        threshold: Probability from which on the class is sure.
        group_ids: Integers of shape `(n,)`, the same for pictures that belong
            together, as `groups` of `share_interval`. Defaults to `None`:
            every picture is a group of its own.

    Returns:
        Dict that is strict JSON. In each list the first entry is about the
        classes themselves, the others about the levels, from fine to coarse:

        - `levels`: `name`, `groups` (their number), `top_1` of the most
          probable group, and `top_1_interval` (Wilson, 95 %);
        - `answers`: the answers at this level, since the finer are not sure:
          `name`, `n`, `share` of all pictures, `accuracy` and
          `accuracy_interval`, `None` if nothing is. The last entry, with
          `name` `None`, counts the pictures without any name.
        - `mistakes`: of the pictures whose most probable class is wrong, `n`
          and `share` of those for which this level, `name`, is the finest that
          is right; the last entry, with `name` `None`, is of those that are
          wrong at each. It has none about the classes.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    tree = [{"name": CLASS, "of_class": None, "threshold": threshold}, *fitted]
    predicted, _ = probabilities.best
    left, wrong = np.ones(len(labels), bool), predicted != labels
    mistakes_left = wrong.copy()
    levels, answers, mistakes = [], [], []
    for level in tree:
        groups, named, best = _best_groups(level["of_class"], probabilities)
        right = named == groups[labels]
        answered = left & (best >= level["threshold"])
        left &= ~answered
        levels.append(
            {
                "name": level["name"],
                "groups": int(groups.max()) + 1,
                "top_1": float(right.mean()),
                "top_1_interval": share_interval(right, group_ids),
            }
        )
        answers.append(_answers(level["name"], answered, right, group_ids))
        together = mistakes_left & (groups[predicted] == groups[labels])
        mistakes_left &= ~together
        mistakes.append(_mistakes(level["name"], together, wrong))
    answers.append(_answers(None, left, left, group_ids))
    mistakes.append(_mistakes(None, mistakes_left, wrong))
    del answers[-1]["accuracy"], answers[-1]["accuracy_interval"]
    return {"levels": levels, "answers": answers, "mistakes": mistakes[1:]}


def _answers(name, answered, right, group_ids):
    n = int(answered.sum())
    some = None if group_ids is None else np.asarray(group_ids)[answered]
    return {
        "name": name,
        "n": n,
        "share": n / len(answered),
        "accuracy": float(right[answered].mean()) if n else None,
        "accuracy_interval": share_interval(right[answered], some),
    }


def _mistakes(name, some, wrong):
    n, all_wrong = int(some.sum()), int(wrong.sum())
    return {"name": name, "n": n, "share": n / all_wrong if all_wrong else None}


def _best_groups(of_class, probabilities):
    """Finds the most probable group of each picture.

    Returns:
        The group of each class, the best group of each picture and its
        probability. Without `of_class` each class is a group.
    """
    classes = probabilities.shape[1]
    if of_class is None:
        return np.arange(classes), *probabilities.best
    _check_groups(of_class, classes)
    names, groups = _numbered(tuple(of_class))

    def of_part(_, rows):
        grouped = _summed(rows, groups, len(names))
        return grouped.argmax(axis=1), grouped.max(axis=1)

    named, best = zip(*probabilities.of_parts(of_part), strict=True)
    return groups, np.concatenate(named), np.concatenate(best)


@functools.lru_cache(maxsize=16)
def _numbered(of_class):
    """Returns the names of groups and the group of each class.

    They are kept, since `coarser_name` asks for them with each picture.
    """
    names = tuple(dict.fromkeys(of_class))
    places = {name: i for i, name in enumerate(names)}
    return names, np.array([places[name] for name in of_class])


def _summed(rows, groups, count):
    """Adds up the columns of each group, in their order."""
    cells = np.arange(len(rows))[:, None] * count + groups
    sums = np.bincount(cells.ravel(), rows.ravel(), minlength=len(rows) * count)
    return sums.reshape(len(rows), count)


def _check_groups(of_class, classes):
    if len(of_class) != classes:
        raise ValueError(
            "Each class must have a group: `of_class` must be as long as "
            "`probabilities` has columns. Received: "
            f"{len(of_class)} groups, {classes} columns"
        )
