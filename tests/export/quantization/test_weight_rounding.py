"""Weights, rounded so that a layer's results change least."""

import itertools

import numpy as np
import pytest

from kerasfg.export.quantization.weight_rounding import refitted_weights
from kerasfg.export.quantization.weight_rounding import rounded_weights


def _inputs(random, samples, count, groups=1):
    mixing = random.normal(size=(groups, count, count))
    return random.normal(size=(groups, samples, count)) @ mixing


def _covariance(inputs):
    return np.swapaxes(inputs, 1, 2) @ inputs / inputs.shape[1]


def _error(changes, inputs):
    return ((inputs @ np.swapaxes(changes, 1, 2)) ** 2).mean()


def test_independent_inputs_are_rounded_to_the_nearest():
    random = np.random.default_rng(0)
    weights = random.uniform(-100, 100, (2, 4, 70))
    covariance = np.tile(np.diag(random.uniform(1, 2, 70)), (2, 1, 1))
    np.testing.assert_array_equal(
        rounded_weights(weights, covariance), np.round(weights)
    )


def test_a_loop_over_each_output_gives_the_same():
    """The formula of the paper, without blocks: inverse by elimination."""
    random = np.random.default_rng(1)
    weights = random.uniform(-9, 9, (2, 3, 80))
    covariance = _covariance(_inputs(random, 300, 80, groups=2))
    found = rounded_weights(weights, covariance)
    for group, row in itertools.product(range(2), range(3)):
        damping = 0.01 * np.diag(covariance[group]).mean()
        inverse = np.linalg.inv(covariance[group] + damping * np.eye(80))
        left = weights[group, row].copy()
        order = np.argsort(-np.diag(covariance[group]), kind="stable")
        for i in order:
            expected = np.round(left[i])
            assert found[group, row, i] == expected
            left -= (left[i] - expected) / inverse[i, i] * inverse[i]
            inverse -= np.outer(inverse[i], inverse[i]) / inverse[i, i]
            inverse[i, i] = 1  # this input is done


@pytest.mark.parametrize("seed", range(3))
def test_results_change_less_than_by_rounding_to_the_nearest(seed):
    random = np.random.default_rng(seed)
    inputs = _inputs(random, 500, 40)
    weights = random.uniform(-20, 20, (1, 16, 40))
    found = rounded_weights(weights, _covariance(inputs))
    nearest = np.round(weights)
    unseen = inputs[:, 250:]
    assert _error(found - weights, unseen) < 0.5 * _error(
        nearest - weights, unseen
    )


def test_integers_stay_in_range():
    twins = np.ones((1, 2, 2))
    found = rounded_weights(np.array([[[200.0, -300.0]]]), twins)
    assert np.abs(found).max() == 127


def test_inputs_that_are_always_zero_are_no_error():
    weights = np.array([[[1.4, 2.6]]])
    found = rounded_weights(weights, np.zeros((1, 2, 2)))
    np.testing.assert_array_equal(found, [[[1, 3]]])


def test_exact_inputs_leave_the_weights():
    random = np.random.default_rng(0)
    weights = random.normal(size=(2, 3, 5))
    covariance = _covariance(_inputs(random, 50, 5, groups=2))
    np.testing.assert_array_equal(
        refitted_weights(weights, covariance, np.zeros((2, 5, 5))), weights
    )


def test_a_lack_of_the_inputs_is_made_up_for():
    """Inputs that are all a tenth too small need larger weights."""
    random = np.random.default_rng(0)
    exact = _inputs(random, 200, 5)
    small = 0.9 * exact
    weights = random.normal(size=(1, 3, 5))
    across = np.swapaxes(small, 1, 2) / 200
    found = refitted_weights(
        weights, across @ small, across @ (exact - small), 1e-9
    )
    np.testing.assert_allclose(found, weights / 0.9, rtol=1e-6)


def test_the_pull_to_the_given_weights_is_felt():
    covariance = np.eye(2)[None]
    weights = np.ones((1, 1, 2))
    found = refitted_weights(weights, covariance, covariance, 1.0)
    np.testing.assert_allclose(found, 1.5 * weights)
