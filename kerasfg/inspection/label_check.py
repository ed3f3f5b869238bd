"""Finds labels that look wrong, judged by the other pictures."""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import warnings

import numpy as np
from rich.console import Console
from rich.progress import Progress
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

FOLDS = 5
MOST = 0.1  # of the pictures, in the list
_DOUBTED = 0.05  # of the pictures, not learned from in the second round
_DIMENSIONS = 256
_STRENGTH = 10.0  # inverse of the regularization, for features of length 1
# More pictures than this teach a classifier nothing that a list needs.
_LEARN_FROM = 20_000

MISSING = (
    "The labels are not checked: cleanlab is not installed. Install it with "
    "pip install 'kerasfg[inspect]'."
)


@dataclasses.dataclass(frozen=True, eq=False)
class LabelCheck:
    """Estimates from the other pictures whether each label is right.

    Attributes:
        order: Indices of the pictures whose labels may be wrong, the surest
            first; at most a tenth of all, or as many as are likely wrong.
        looks_like: int array `(pictures,)`, the class that each looks like.
        self_confidence: float array `(pictures,)`, the out-of-sample
            probability of the label that each has; low is suspicious.
        looks_confidence: float array `(pictures,)`, that of `looks_like`.
        likely_wrong: bool array `(pictures,)` of those that cleanlab counts as
            wrong.
        accuracy: Share of the pictures that look like their label.
        typical: From a label to the index of the picture that looks most like
            it; labels without one are missing.
    """

    order: np.ndarray
    looks_like: np.ndarray
    self_confidence: np.ndarray
    looks_confidence: np.ndarray
    likely_wrong: np.ndarray
    accuracy: float
    typical: dict[int, int]


def cleanlab_is_missing() -> bool:
    """Returns whether the labels cannot be checked."""
    try:
        return importlib.util.find_spec("cleanlab") is None
    except ValueError:  # it has been taken out of sys.modules
        return True


def check_labels(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None = None,
    seed: int = 0,
    progress: bool = True,
) -> LabelCheck:
    """Compares labels with out-of-sample predictions.

    The pictures are divided into five parts; a logistic regression on four of
    them predicts the fifth. So no picture is judged by a classifier that
    learned its label, or that of a copy in the same group. A second round
    repeats this without learning from the 5 % whose labels looked most wrong.
    cleanlab then ranks them by the probability of their own label
    ("self-confidence") and estimates how many are wrong (Northcutt et al. 2021,
    "Confident Learning").

    Args:
        features: float array `(pictures, dimensions)`, rows of length 1.
        labels: Integer array `(pictures,)`.
        groups: Integer array `(pictures,)`; pictures of one group (copies) are
            in one part. Defaults to `None`: no groups.
        seed: Seed of the parts. Defaults to `0`.
        progress: Whether to show a progress bar. Defaults to `True`.

    Returns:
        `LabelCheck`.

    Raises:
        ImportError: If cleanlab is not installed.
        ValueError: If fewer than two classes have at least two pictures, no
            class has five, or there are fewer than five groups.
    """
    if cleanlab_is_missing():
        raise ImportError(MISSING)
    classes, codes = np.unique(labels, return_inverse=True)
    if np.sum(np.bincount(codes) > 1) < 2:
        raise ValueError(
            "To check labels, at least two classes must have two pictures "
            f"each. Received: {len(labels)} pictures of {len(classes)} classes"
        )
    groups = np.arange(len(labels)) if groups is None else groups
    if min(np.bincount(codes).max(), len(np.unique(groups))) < FOLDS:
        raise ValueError(
            f"To check labels, one class must have {FOLDS} pictures, and there "
            f"must be {FOLDS} that are no copies of one another. Received: "
            f"{len(labels)} pictures of {len(classes)} classes, "
            f"{len(np.unique(groups))} without copies"
        )
    predict = _predictor(features, codes, groups, seed, progress)
    trusted = _trusted(codes, predict(np.ones(len(codes), bool)))
    predicted = predict(trusted)
    rows = np.arange(len(codes))
    own = _self_confidence(codes, predicted)
    looks = np.argmax(predicted, axis=1)
    wrong = _likely_wrong(codes, predicted)
    return LabelCheck(
        order=_order(own, looks != codes, wrong),
        looks_like=classes[looks],
        self_confidence=own,
        looks_confidence=predicted[rows, looks],
        likely_wrong=wrong,
        accuracy=float(np.mean(looks == codes)),
        typical=_typical(classes, codes, np.where(looks == codes, own, 0)),
    )


def first_round(features, labels, groups):
    """Returns the self-confidence after one round, see `check_labels`."""
    codes = np.unique(labels, return_inverse=True)[1]
    groups = np.arange(len(labels)) if groups is None else groups
    predict = _predictor(features, codes, groups, 0, False)
    return _self_confidence(codes, predict(np.ones(len(codes), bool)))


def _predictor(features, codes, groups, seed, progress):
    """Makes a function from the pictures to learn from to probabilities."""
    dimensions = min(_DIMENSIONS, *features.shape)
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    # Several threads get into each other's way in matrices this small.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes smaller than the parts
        reduced = PCA(dimensions, random_state=seed).fit_transform(features)
        folds = list(parts.split(reduced, codes, groups))

    def predict(trusted):
        result = np.zeros((len(codes), codes.max() + 1))
        console = Console(stderr=True)
        disable = not (progress and console.is_terminal)
        with Progress(console=console, transient=True, disable=disable) as bar:
            task = bar.add_task("Comparing labels", total=FOLDS)
            for learn, judge in folds:
                learn = _some(learn[trusted[learn]], seed)
                known, values = _judge(reduced, codes, learn, judge)
                result[np.ix_(judge, known)] = values
                bar.advance(task)
        # cleanlab wants sums of 1, also where a part taught nothing.
        result += 1e-6
        return result / result.sum(axis=1, keepdims=True)

    return predict


def _judge(features, codes, learn, judge):
    """Returns the classes learned and their probabilities."""
    known = np.unique(codes[learn])
    if len(known) < 2 or not len(judge):
        return known, np.ones((len(judge), len(known)))
    classifier = LogisticRegression(C=_STRENGTH, max_iter=200)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of iterations: close is enough
        classifier.fit(features[learn], codes[learn])
        return known, classifier.predict_proba(features[judge])


def _trusted(codes, predicted):
    """Returns the pictures to learn from in the second round.

    Those whose labels look most wrong are left out, unless their class would
    lose more than half of its pictures.
    """
    own = _self_confidence(codes, predicted)
    differs = np.argmax(predicted, axis=1) != codes
    ranked = np.argsort(own, kind="stable")
    trusted = np.ones(len(codes), bool)
    doubted = ranked[differs[ranked]][: int(_DOUBTED * len(codes))]
    trusted[doubted] = False
    left, all_of = np.bincount(codes[trusted], minlength=0), np.bincount(codes)
    left = np.pad(left, (0, len(all_of) - len(left)))
    return trusted | (2 * left < all_of)[codes]


def _some(rows, seed):
    if len(rows) <= _LEARN_FROM:
        return rows
    return np.random.default_rng(seed).choice(rows, _LEARN_FROM, replace=False)


def _self_confidence(codes, predicted):
    from cleanlab.rank import get_label_quality_scores

    return get_label_quality_scores(codes, predicted, method="self_confidence")


def _likely_wrong(codes, predicted):
    from cleanlab.filter import find_label_issues

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(
            find_label_issues(
                codes, predicted, filter_by="low_self_confidence", n_jobs=1
            )
        )


def _typical(classes, codes, own):
    best = {}
    for index in np.argsort(own, kind="stable"):
        if own[index] > 0:
            best[int(classes[codes[index]])] = int(index)
    return best


def _order(own, differs, wrong):
    most = max(math.ceil(MOST * len(own)), int(wrong.sum()))
    ranked = np.argsort(own, kind="stable")
    return ranked[(differs | wrong)[ranked]][:most]
