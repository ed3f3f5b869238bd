import json

import numpy as np
import pytest

from kerasfg.evaluation.how_sure.class_thresholds import fit_class_thresholds
from kerasfg.evaluation.how_sure.class_thresholds import (
    measure_class_thresholds,
)
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.calibration import confidence_threshold


def predictions(n=300, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += 1.5
    exponents = np.exp(2 * logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def lowest_by_loop(labels, probabilities, name, precision):
    """The least probability of a picture at which the share is reached."""
    named = [
        (max(row), label == name)
        for label, row in zip(labels, probabilities, strict=True)
        if np.argmax(row) == name
    ]
    enough = []
    for limit, _ in named:
        above = [right for p, right in named if p >= limit]
        if sum(above) / len(above) >= precision:
            enough.append(limit)
    return min(enough, default=1.0)


@pytest.mark.parametrize("precision", [0.5, 0.8, 0.95])
def test_thresholds_match_a_loop(precision):
    labels, probabilities = predictions()
    fitted = fit_class_thresholds(labels, probabilities, precision)
    assert json.loads(json.dumps(fitted, allow_nan=False)) == fitted
    expected = [
        lowest_by_loop(labels, probabilities, name, precision)
        for name in range(4)
    ]
    assert fitted["thresholds"] == pytest.approx(expected)
    assert len(set(expected)) == 4
    assert all(row["own"] for row in fitted["classes"])
    for row in fitted["classes"]:
        assert row["right"] >= precision * row["kept"]


def test_class_that_is_rarely_named_has_the_threshold_of_all():
    labels, probabilities = predictions()
    said = probabilities.argmax(axis=1)
    keep = np.ones(300, bool)
    keep[np.flatnonzero(said == 2)[9:]] = False
    fitted = fit_class_thresholds(labels[keep], probabilities[keep], 0.8)
    common = confidence_threshold(labels[keep], probabilities[keep], 0.8)
    assert fitted["common"] == fitted["thresholds"][2] == common
    assert [row["own"] for row in fitted["classes"]] == [
        True,
        True,
        False,
        True,
    ]
    keep[np.flatnonzero(said == 2)[9]] = True  # the tenth
    fitted = fit_class_thresholds(labels[keep], probabilities[keep], 0.8)
    assert fitted["classes"][2]["own"]


@pytest.mark.parametrize(("n", "promised"), [(72, False), (73, True)])
def test_a_promise_takes_73_right_pictures_for_95_percent(n, promised):
    labels = np.zeros(n, int)
    fitted = fit_class_thresholds(labels, np.tile([0.9, 0.1], (n, 1)), 0.95)
    one, never = fitted["classes"]
    assert one["kept"] == one["right"] == n and one["promised"] is promised
    assert never["interval"] is None and never["promised"] is False
    assert fitted["thresholds"] == [0.9, 0.9]


def test_all_wrong_is_never_answered():
    labels = np.ones(20, int)
    given = labels, np.tile([0.9, 0.1], (20, 1))
    fitted = fit_class_thresholds(*given)
    assert fitted["thresholds"] == [1.0, 1.0]
    found = measure_class_thresholds(*given, fitted)
    assert found["n"] == 0 and found["coverage"] == 0
    assert found["accuracy"] is found["accuracy_interval"] is None
    assert found["per_class"][0]["precision"] is None


def test_measured_is_what_a_loop_counts():
    fitted = fit_class_thresholds(*predictions(seed=1), 0.8)
    labels, probabilities = predictions(seed=2)
    groups = np.arange(300) // 2
    found = measure_class_thresholds(labels, probabilities, fitted, groups)
    answered, right = [], []
    for label, row in zip(labels, probabilities, strict=True):
        name = int(np.argmax(row))
        answered.append(row[name] >= fitted["thresholds"][name])
        right.append(name == label)
    said = [r for r, a in zip(right, answered, strict=True) if a]
    assert found["n"] == len(said)
    assert found["coverage"] == sum(answered) / 300
    assert found["accuracy"] == pytest.approx(sum(said) / len(said))
    assert found["accuracy_interval"] == share_interval(
        said, groups[np.array(answered)]
    )
    assert sum(row["n"] for row in found["per_class"]) == len(said)
    assert sum(row["named"] for row in found["per_class"]) == 300


@pytest.mark.parametrize("precision", [0.4, 1.0, float("nan")])
def test_errors(precision):
    with pytest.raises(ValueError, match="Received: precision="):
        fit_class_thresholds(*predictions(), precision)
