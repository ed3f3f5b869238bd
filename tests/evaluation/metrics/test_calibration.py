import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.evaluation.metrics.calibration import calibration_error
from kerasfg.evaluation.metrics.calibration import confidence_threshold
from kerasfg.evaluation.metrics.calibration import fit_temperature
from kerasfg.evaluation.metrics.calibration import negative_log_likelihood
from kerasfg.evaluation.metrics.calibration import reliability


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def predictions(seed=0, n=200, classes=5, sharpness=3.0, dtype="float32"):
    """Labels drawn from `softmax(z)`, probabilities that are sharper."""
    rng = np.random.default_rng(seed)
    logits = 1.5 * rng.normal(size=(n, classes))
    labels = [rng.choice(classes, p=row) for row in softmax(logits)]
    return np.array(labels), softmax(sharpness * logits).astype(dtype)


def calibration_error_loop(labels, probabilities, bins):
    """Guo et al. (2017), Eq. 3, one bin and one sample at a time."""
    total = 0.0
    for m in range(1, bins + 1):
        right, confidence, size = 0, 0.0, 0
        for label, row in zip(labels, probabilities, strict=True):
            if (m - 1) / bins < max(row) <= m / bins:
                right += int(np.argmax(row)) == label
                confidence += max(row)
                size += 1
        if size:
            total += size / len(labels) * abs(right - confidence) / size
    return total


def threshold_loop(labels, probabilities, accuracy):
    """Tries each confidence there is."""
    best = 1.0
    confidences = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    for candidate in confidences:
        if right[confidences >= candidate].mean() >= accuracy:
            best = min(best, candidate)
    return best


seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_error_matches_the_paper(bins):
    labels, probabilities = predictions(dtype="float64")
    assert calibration_error(labels, probabilities, bins) == pytest.approx(
        calibration_error_loop(labels, probabilities, bins)
    )


def test_confidence_on_an_edge_belongs_to_the_lower_bin():
    bins = reliability([0, 0, 0], [[0.6, 0.4], [0.8, 0.2], [1.0, 0.0]], bins=5)
    assert [(b["low"], b["high"]) for b in bins] == [
        (0.4, 0.6),
        (0.6, 0.8),
        (0.8, 1.0),
    ]


def test_bins_hold_every_sample_once():
    labels, probabilities = predictions()
    bins = reliability(labels, probabilities)
    assert sum(b["n"] for b in bins) == len(labels)
    assert sum(b["n"] * b["accuracy"] for b in bins) == pytest.approx(
        (probabilities.argmax(axis=1) == labels).sum()
    )


def test_always_right_and_certain_has_no_calibration_error():
    assert calibration_error([0, 1], np.eye(2)) == 0


def test_always_wrong_and_certain_has_the_whole_error():
    assert calibration_error([1, 0], np.eye(2)) == 1


def test_temperature_divides_the_logits():
    logits = np.random.default_rng(0).normal(size=(20, 4))
    np.testing.assert_allclose(
        apply_temperature(softmax(logits), 2.5),
        softmax(logits / 2.5),
        rtol=1e-12,
    )


def test_temperature_of_one_changes_nothing():
    _, probabilities = predictions()
    np.testing.assert_allclose(
        apply_temperature(probabilities, 1.0), probabilities, rtol=1e-5
    )


def test_impossible_class_stays_finite_under_any_temperature():
    for temperature in (0.05, 1.0, 20.0):
        cooled = apply_temperature([[1.0, 0.0]], temperature)
        assert np.isfinite(cooled).all()
        assert cooled.sum() == pytest.approx(1)


@given(seeds, st.floats(0.05, 20))
def test_temperature_never_changes_the_answer(seed, temperature):
    _, probabilities = predictions(seed, n=20)
    np.testing.assert_array_equal(
        apply_temperature(probabilities, temperature).argmax(axis=1),
        probabilities.argmax(axis=1),
    )


@given(seeds, st.floats(0.1, 10))
def test_fitted_temperature_never_raises_the_loss(seed, sharpness):
    labels, probabilities = predictions(seed, n=20, sharpness=sharpness)
    temperature = fit_temperature(labels, probabilities)
    after = apply_temperature(probabilities, temperature)
    assert 0.05 <= temperature <= 20
    # 1e-6: the probabilities are float32 and no longer sum to exactly 1.
    assert (
        negative_log_likelihood(labels, after)
        <= negative_log_likelihood(labels, probabilities) + 1e-6
    )


def test_fit_finds_the_temperature_that_sharpened_the_softmax():
    labels, probabilities = predictions(n=20_000, sharpness=3.0)
    assert fit_temperature(labels, probabilities) == pytest.approx(3, rel=0.05)


def test_fit_matches_a_fine_grid():
    labels, probabilities = predictions()
    grid = np.exp(np.linspace(math.log(0.05), math.log(20), 3001))
    losses = [
        negative_log_likelihood(labels, apply_temperature(probabilities, t))
        for t in grid
    ]
    assert fit_temperature(labels, probabilities) == pytest.approx(
        grid[np.argmin(losses)], rel=3e-3
    )


def test_fit_keeps_to_its_bounds():
    right = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert fit_temperature([0, 1], right) == pytest.approx(0.05, rel=1e-3)
    assert fit_temperature([1, 0], right) == pytest.approx(20, rel=1e-3)


def test_fit_leaves_alone_what_says_nothing():
    assert fit_temperature([0, 1], np.full((2, 2), 0.5)) == 1
    assert fit_temperature([0, 1], np.eye(2)) == 1


def test_order_of_samples_does_not_matter():
    labels, probabilities = predictions()
    order = np.random.default_rng(1).permutation(len(labels))
    for measure in (calibration_error, fit_temperature, confidence_threshold):
        assert measure(labels[order], probabilities[order]) == pytest.approx(
            measure(labels, probabilities)
        )


@given(seeds, st.sampled_from([0.3, 0.6, 0.9, 1.0]))
def test_threshold_matches_trying_each_confidence(seed, accuracy):
    labels, probabilities = predictions(seed, n=30)
    probabilities = probabilities.round(1).astype("float64")  # makes ties
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    assert confidence_threshold(
        labels, probabilities, accuracy
    ) == threshold_loop(labels, probabilities, accuracy)


@given(seeds)
def test_threshold_grows_with_the_accuracy_asked_for(seed):
    labels, probabilities = predictions(seed, n=40)
    thresholds = [
        confidence_threshold(labels, probabilities, accuracy)
        for accuracy in np.linspace(0, 1, 11)
    ]
    assert thresholds == sorted(thresholds)


def test_threshold_of_a_perfect_classifier_lets_all_through():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9]])
    assert confidence_threshold([0, 1], probabilities) == 0.6


def test_threshold_is_one_where_nothing_is_sure_enough():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9]])
    assert confidence_threshold([1, 0], probabilities) == 1.0


def test_samples_of_one_confidence_pass_together():
    probabilities = np.array([[0.8, 0.2], [0.8, 0.2], [0.9, 0.1]])
    assert confidence_threshold([0, 1, 0], probabilities) == 0.9


@pytest.mark.parametrize("temperature", [0, -1.0, math.inf, math.nan])
def test_rejects_temperature(temperature):
    with pytest.raises(ValueError, match="finite. Received: temperature="):
        apply_temperature([[0.5, 0.5]], temperature)


@pytest.mark.parametrize("accuracy", [-0.1, 1.1, math.nan])
def test_rejects_accuracy(accuracy):
    with pytest.raises(ValueError, match=r"\[0, 1\]. Received: accuracy="):
        confidence_threshold([0], [[1.0]], accuracy)


def test_rejects_bins_and_logits():
    with pytest.raises(ValueError, match="positive. Received: bins=0"):
        calibration_error([0], [[1.0]], bins=0)
    with pytest.raises(ValueError, match="softmax"):
        fit_temperature([0], [[3.0, 4.0]])
