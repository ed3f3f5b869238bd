"""How often a classifier is right, and where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support

from kerasfg.evaluation.metrics.confusion import Confusions
from kerasfg.evaluation.predictions import check_predictions


def classification_metrics(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    class_names: Sequence[str],
) -> dict[str, Any]:
    """Measures predictions against the true labels.

    A class without a sample has no accuracy, and counts neither in the balanced
    accuracy nor in the macro-F1; what is undefined is `None`, never NaN.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`. Of equal
            probabilities the lower class index ranks first.
        class_names: One unique name per class.

    Returns:
        Dict that is strict JSON: `n`, `top_1`, `top_1_interval` (Wilson, 95 %),
        `top_3`, `top_5`, `balanced_accuracy`, `macro_f1`, `per_class` (dicts of
        `class`, `n`, `accuracy`, `precision`, `f1`, in the order of
        `class_names`), `confusion` (list of lists, a row for each true class;
        `None` with more than 300 classes, and then `confusions` is a list of
        the 10,000 most frequent `[true, predicted, count]`) and `worst_pairs`
        (at most 10 dicts of `true`, `predicted`, `count`,
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
    return {
        "n": len(labels),
        "top_1": top_k_accuracy(labels, probabilities, 1),
        "top_1_interval": list(
            wilson_interval(int((predicted == labels).sum()), len(labels))
        ),
        "top_3": top_k_accuracy(labels, probabilities, 3),
        "top_5": top_k_accuracy(labels, probabilities, 5),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "per_class": [
            {
                "class": str(class_names[int(i)]),
                "n": int(counts[i]),
                "accuracy": _number(recall[i]),
                "precision": _number(precision[i]),
                "f1": _number(f1[i]) if present[i] else None,
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
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    true = np.take_along_axis(probabilities, labels[:, None], axis=1)
    earlier = np.arange(probabilities.shape[1]) < labels[:, None]
    ahead = (probabilities > true) | ((probabilities == true) & earlier)
    return float((ahead.sum(axis=1) < k).mean())


def wilson_interval(successes, n):
    """Computes the 95 % interval of a share that was measured on `n` samples.

    Args:
        successes: Number of samples that count.
        n: Number of samples, positive.

    Returns:
        Tuple of the lower and the upper bound, in [0, 1].

    Reference:

    - Wilson, 1927, Probable Inference, the Law of Succession, and Statistical
      Inference
    """
    interval = binomtest(successes, n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def _number(value):
    return None if np.isnan(value) else float(value)
