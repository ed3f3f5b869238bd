"""How often a classifier is right, and where it is wrong."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.how_sure.intervals import bootstrap_interval
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.confusion import Confusions
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.predictions import rows_by_class
from kerasfg.evaluation.probabilities import Probabilities


def classification_metrics(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    class_names: Sequence[str],
    groups: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures predictions against the true labels.

    A class without a sample has no accuracy, and counts neither in the balanced
    accuracy nor in the macro-F1; undefined values are `None`, never NaN.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`. Of equal
            probabilities the lower class index ranks first.
        class_names: One unique name per class.
        groups: Integers of shape `(n,)`, the same for pictures that belong
            together, such as near-duplicates, which makes the intervals wider.
            Defaults to `None`.

    Returns:
        Dict that is strict JSON: `n`, `top_1`, `top_3`, `top_5`,
        `balanced_accuracy`, `macro_f1`, each with its 95 % interval, such as
        `top_1_interval` (`share_interval`; of the last two
        `bootstrap_interval`), `per_class` (dicts of `class`, `n`, `accuracy`,
        `precision`, `f1`, `accuracy_interval` and `precision_interval`, in the
        order of `class_names`), `confusion` (list of lists, a row for each true
        class; `None` with more than 300 classes, and then `confusions` is a
        list of `[true, predicted, count]`, the most frequent first, at most
        100,000) and
        `worst_pairs` (at most 10 dicts of `true`, `predicted`, `count`,
        `share` of the true class, and `symmetric_share`: the share of both
        classes that is taken for the other one).

    Raises:
        ValueError: If the arguments do not fit together, or a row of
            `probabilities` does not sum to 1.

    Example:

    >>> metrics = classification_metrics(
    ...     [0, 0, 1], [[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]], ["crow", "rook"]
    ... )
    >>> metrics["confusion"], metrics["balanced_accuracy"]
    ([[1, 1], [0, 1]], 0.75)
    """
    from sklearn.metrics import precision_recall_fscore_support  # slow

    labels, probabilities = check_predictions(
        labels, probabilities, class_names
    )
    predicted, _ = probabilities.best
    classes = np.arange(len(class_names))
    # scikit-learn's confusion_matrix warns where there is one class.
    confusions = Confusions(labels, predicted, len(classes))
    precision, recall, f1, counts = precision_recall_fscore_support(
        labels, predicted, labels=classes, zero_division=np.nan
    )
    present = counts > 0
    right = predicted == labels
    measured: dict[str, Any] = {"n": len(labels)}
    places = _places(labels, probabilities)
    for k in (1, 3, 5):
        ranked = places < k
        measured[f"top_{k}"] = float(ranked.mean())
        measured[f"top_{k}_interval"] = share_interval(ranked, groups)
    means = {
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
    }
    # The order of the pictures does not matter.
    order = np.lexsort((predicted, labels))
    drawn = labels[order], predicted[order]
    ordered = None if groups is None else np.asarray(groups)[order]
    for name, value in means.items():
        measured[name] = value
        measured[f"{name}_interval"] = bootstrap_interval(
            functools.partial(_mean_over_classes, name, *drawn),
            len(labels),
            ordered,
        )
    of_true, of_predicted = (
        _intervals(right, found, len(classes), groups)
        for found in (labels, predicted)
    )
    return {
        **measured,
        "per_class": [
            {
                "class": str(class_names[int(i)]),
                "n": int(counts[i]),
                "accuracy": _number(recall[i]),
                "precision": _number(precision[i]),
                "f1": _number(f1[i]) if present[i] else None,
                "accuracy_interval": of_true[i],
                "precision_interval": of_predicted[i],
            }
            for i in classes
        ],
        **confusions.in_report(),
        "worst_pairs": confusions.worst_pairs(class_names),
    }


def top_k_accuracy(labels, probabilities, k):
    """Computes how often the true class is among the `k` most probable.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`. Of equal
            probabilities the lower class index ranks first.
        k: Positive integer; more than there are classes counts as all.

    Returns:
        Float in [0, 1].
    """
    found = Probabilities(np.asarray(probabilities))
    return float((_places(np.asarray(labels), found) < k).mean())


def _places(labels, probabilities):
    """Returns how many classes are more probable than the true one."""
    classes = np.arange(probabilities.shape[1])

    def of_part(chosen, rows):
        own = labels[chosen, None]
        true = np.take_along_axis(rows, own, axis=1)
        ahead = (rows > true) | ((rows == true) & (classes < own))
        return ahead.sum(axis=1)

    return probabilities.joined(of_part)


def _mean_over_classes(name, labels, predicted, counts):
    """Computes the mean over the classes of pictures that count repeatedly."""
    hits = np.bincount(labels, counts * (predicted == labels))
    n = np.bincount(labels, counts)
    present = n > 0
    if name == "macro_f1":
        taken = np.bincount(predicted, counts, minlength=len(n))[: len(n)]
        return (2 * hits[present] / (n + taken)[present]).mean()
    return (hits[present] / n[present]).mean()


def _intervals(right, found, classes, groups):
    """Returns the interval of each class that pictures are divided into."""
    groups = None if groups is None else np.asarray(groups)
    return [
        share_interval(right[rows], None if groups is None else groups[rows])
        for rows in rows_by_class(found, classes)
    ]


def _number(value):
    return None if np.isnan(value) else float(value)
