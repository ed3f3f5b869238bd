import json

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.metrics import f1_score

from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.evaluation.metrics.classification import classification_metrics
from kerasfg.evaluation.metrics.classification import top_k_accuracy

NAMES = ["crow", "rook", "jackdaw", "raven", "chough", "magpie", "jay"]


def predictions(n=90, classes=7, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += 1.5
    exponents = np.exp(2 * logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def by_class_loop(labels, predicted, classes):
    """Recall and F1 of each class that has a sample, one sample at a time."""
    recalls, f1s = [], []
    for c in range(classes):
        hits = sum(
            t == c and p == c for t, p in zip(labels, predicted, strict=True)
        )
        n = sum(t == c for t in labels)
        count = sum(p == c for p in predicted)
        if n:
            recalls.append(hits / n)
            f1s.append(2 * hits / (n + count))
    return recalls, f1s


def test_top_k_matches_a_loop_that_sorts():
    labels, probabilities = predictions()
    metrics = classification_metrics(labels, probabilities, NAMES)
    for k in (1, 3, 5):
        hits = 0
        for label, row in zip(labels, probabilities, strict=True):
            ranking = sorted(range(7), key=lambda c: (-row[c], c))
            hits += label in ranking[:k]
        assert metrics[f"top_{k}"] == pytest.approx(hits / len(labels))


def test_macro_scores_match_a_loop_and_scikit_learn():
    labels, probabilities = predictions()
    predicted = probabilities.argmax(axis=1)
    metrics = classification_metrics(labels, probabilities, NAMES)
    recalls, f1s = by_class_loop(labels, predicted, 7)
    assert metrics["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert metrics["macro_f1"] == pytest.approx(np.mean(f1s))
    assert metrics["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(labels, predicted)
    )
    assert metrics["macro_f1"] == pytest.approx(
        f1_score(labels, predicted, average="macro")
    )
    assert [c["accuracy"] for c in metrics["per_class"]] == pytest.approx(
        recalls
    )


def test_confusion_counts_true_rows_and_predicted_columns():
    probabilities = np.eye(3)[[1, 1, 2, 0]]
    metrics = classification_metrics([0, 0, 2, 1], probabilities, NAMES[:3])
    assert metrics["confusion"] == [[0, 2, 0], [1, 0, 0], [0, 0, 1]]


def test_worst_pairs_are_the_largest_mistakes():
    # crow -> rook twice of 4, rook -> crow once of 2, raven never wrong.
    labels = [0, 0, 0, 0, 1, 1, 2]
    probabilities = np.eye(3)[[1, 1, 0, 0, 0, 1, 2]]
    pairs = classification_metrics(
        labels, probabilities, ["crow", "rook", "raven"]
    )["worst_pairs"]
    assert pairs == [
        {
            "true": "crow",
            "predicted": "rook",
            "count": 2,
            "share": 0.5,
            "symmetric_share": 0.5,  # (2 + 1) / (4 + 2)
        },
        {
            "true": "rook",
            "predicted": "crow",
            "count": 1,
            "share": 0.5,
            "symmetric_share": 0.5,
        },
    ]


def test_at_most_ten_pairs_are_named():
    labels, probabilities = predictions(400)
    metrics = classification_metrics(labels, probabilities, NAMES)
    counts = [pair["count"] for pair in metrics["worst_pairs"]]
    assert len(counts) == 10
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    "right, n", [(0, 1), (0, 9), (7, 10), (9, 9), (340, 400)]
)
def test_wilson_interval_matches_the_paper(right, n):
    z, share = 1.959963984540054, right / n
    half = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    bounds = [
        (share + z**2 / (2 * n) + sign * half) / (1 + z**2 / n)
        for sign in (-1, 1)
    ]
    found = wilson_interval(right, n)
    assert found == pytest.approx(bounds)
    assert 0 <= found[0] < found[1] <= 1


def test_order_of_samples_changes_nothing():
    labels, probabilities = predictions()
    order = np.random.default_rng(1).permutation(len(labels))
    before = classification_metrics(labels, probabilities, NAMES)
    after = classification_metrics(labels[order], probabilities[order], NAMES)
    assert json.dumps(before) == json.dumps(after)


def test_of_equal_probabilities_the_lower_class_ranks_first():
    uniform = np.full((3, 3), 1 / 3)
    assert top_k_accuracy([0, 1, 2], uniform, 1) == pytest.approx(1 / 3)
    assert top_k_accuracy([0, 1, 2], uniform, 2) == pytest.approx(2 / 3)
    metrics = classification_metrics([0, 1, 2], uniform, NAMES[:3])
    assert metrics["top_1"] == metrics["per_class"][0]["accuracy"] / 3


def test_k_beyond_the_classes_counts_all_of_them():
    metrics = classification_metrics([0, 1], np.eye(2)[[1, 0]], NAMES[:2])
    assert (metrics["top_1"], metrics["top_3"], metrics["top_5"]) == (0, 1, 1)


def test_absent_class_is_null_and_left_out_of_the_means():
    # No magpie, but one sample is taken for it; no jay, and none is taken so.
    labels, predicted = [0, 0, 1], [0, 5, 1]
    metrics = classification_metrics(labels, np.eye(7)[predicted], NAMES)
    magpie, jay = metrics["per_class"][5:]
    assert magpie == {
        "class": "magpie",
        "n": 0,
        "accuracy": None,
        "precision": 0.0,
        "f1": None,
        "accuracy_interval": None,
        "precision_interval": list(wilson_interval(0, 1)),
    }
    assert jay["precision"] is None
    assert metrics["balanced_accuracy"] == 0.75
    assert metrics["macro_f1"] == pytest.approx((2 / 3 + 1) / 2)
    json.dumps(metrics, allow_nan=False)


def test_one_sample_of_each_class_all_right():
    metrics = classification_metrics(np.arange(7), np.eye(7), NAMES)
    assert metrics["top_1"] == metrics["macro_f1"] == 1
    assert metrics["top_1_interval"][0] < 0.7  # seven samples prove little
    assert metrics["worst_pairs"] == []


def test_all_wrong_is_zero():
    metrics = classification_metrics([0, 1], np.eye(2)[[1, 0]], NAMES[:2])
    assert metrics["top_1"] == metrics["balanced_accuracy"] == 0
    assert metrics["macro_f1"] == metrics["top_1_interval"][0] == 0


def test_single_sample_of_a_single_class_is_measured():
    metrics = classification_metrics([0], [[1.0]], ["crow"])
    assert metrics["confusion"] == [[1]]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_low_precision_softmax_is_accepted(dtype):
    labels, probabilities = predictions()
    metrics = classification_metrics(
        labels.astype("uint8"), probabilities.astype(dtype), NAMES
    )
    assert 0.5 < metrics["top_1"] < 1


@pytest.mark.parametrize(
    "labels, probabilities, names, message",
    [
        (
            [0, 1],
            np.eye(3),
            NAMES[:3],
            r"shapes .*Received: labels.shape=\(2,\)",
        ),
        ([[0]], np.eye(1), NAMES[:1], r"Received: labels.shape=\(1, 1\)"),
        ([0], [0.5, 0.5], NAMES[:2], r"probabilities.shape=\(2,\)"),
        (
            np.zeros(0, int),
            np.zeros((0, 2)),
            NAMES[:2],
            r"at least one sample .*Received: labels.shape=\(0,\)",
        ),
        (
            [0.0],
            [[1, 0]],
            NAMES[:2],
            "integers. Received: labels.dtype=float64",
        ),
        ([2], [[1, 0]], NAMES[:2], r"lie in \[0, 2\).*Received: labels from 2"),
        ([-1], [[1, 0]], NAMES[:2], "Received: labels from -1 to -1"),
        ([0], [[np.nan, 1]], NAMES[:2], r"Received: probabilities\[0, 0\]=nan"),
        ([0], [[1.5, -0.5]], NAMES[:2], r"probabilities\[0, 1\]=-0.5"),
        (
            [0],
            [[3.0, 1.0]],
            NAMES[:2],
            r"softmax.*probabilities\[0\].sum\(\)=4",
        ),
        ([0], [[1, 0]], NAMES[:3], "each of the 2 classes. Received: 3 names"),
        (
            [0],
            [[1, 0]],
            ["a", "a"],
            "must differ. Received: 'a' more than once",
        ),
    ],
)
def test_rejects(labels, probabilities, names, message):
    with pytest.raises(ValueError, match=message):
        classification_metrics(labels, probabilities, names)
