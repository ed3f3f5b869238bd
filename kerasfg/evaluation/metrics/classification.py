"""How often a classifier is right, and where it is wrong."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_fscore_support

from kerasfg.evaluation.how_sure.intervals import bootstrap_interval
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.confusion import Confusions
from kerasfg.evaluation.predictions import check_predictions


def classification_metrics(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    class_names: Sequence[str],
    groups: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures predictions against the true labels.

    A class without a sample has no accuracy, and counts neither in the balanced
    accuracy nor in the macro-F1; what is undefined is `None`, never NaN.

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
        list of the 10,000 most frequent `[true, predicted, count]`) and
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
    labels, probabilities = check_predictions(
        labels, probabilities, class_names
    )
    predicted = probabilities.argmax(axis=1)
    classes = np.arange(len(class_names))
    # scikit-learn's confusion_matrix warns where there is one class.
    confusions = Confusions(labels, predicted, len(classes))
    precision, recall, f1, counts = precision_recall_fscore_support(
        labels, predicted, labels=classes, zero_division=np.nan
    )
    present = counts > 0
    right = predicted == labels
    measured: dict[str, Any] = {"n": len(labels)}
    for k in (1, 3, 5):
        ranked = _ranked(labels, probabilities, k)
        measured[f"top_{k}"] = float(ranked.mean())
        measured[f"top_{k}_interval"] = share_interval(ranked, groups)
    means = {
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
    }
    order = np.lexsort((predicted, labels))  # that of the pictures is no matter
    drawn = labels[order], predicted[order]
    ordered = None if groups is None else np.asarray(groups)[order]
    for name, value in means.items():
        measured[name] = value
        measured[f"{name}_interval"] = bootstrap_interval(
            functools.partial(_mean_over_classes, name, *drawn),
            len(labels),
            ordered,
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
                "accuracy_interval": _of_some(right, labels == i, groups),
                "precision_interval": _of_some(right, predicted == i, groups),
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
    return float(_ranked(labels, probabilities, k).mean())


def _ranked(labels, probabilities, k):
    """Returns whether the true class is among the `k` most probable."""
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    true = np.take_along_axis(probabilities, labels[:, None], axis=1)
    earlier = np.arange(probabilities.shape[1]) < labels[:, None]
    ahead = (probabilities > true) | ((probabilities == true) & earlier)
    return ahead.sum(axis=1) < k


def _mean_over_classes(name, labels, predicted, counts):
    """Computes the mean over the classes of pictures that count repeatedly."""
    hits = np.bincount(labels, counts * (predicted == labels))
    n = np.bincount(labels, counts)
    present = n > 0
    if name == "macro_f1":
        taken = np.bincount(predicted, counts, minlength=len(n))[: len(n)]
        return (2 * hits[present] / (n + taken)[present]).mean()
    return (hits[present] / n[present]).mean()


def _of_some(right, some, groups):
    return share_interval(
        right[some], None if groups is None else np.asarray(groups)[some]
    )


def _number(value):
    return None if np.isnan(value) else float(value)
