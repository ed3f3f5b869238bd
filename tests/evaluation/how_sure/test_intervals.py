import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from kerasfg.evaluation.how_sure.intervals import bootstrap_interval
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.evaluation.metrics.classification import classification_metrics


@pytest.mark.parametrize(
    "right, n", [(0, 1), (1, 1), (0, 9), (7, 10), (9, 9), (340, 400)]
)
def test_wilson_is_that_of_scipy(right, n):
    found = binomtest(right, n).proportion_ci(method="wilson")
    assert wilson_interval(right, n) == pytest.approx((found.low, found.high))


def test_wilson_is_exact_at_its_ends():
    assert wilson_interval(0, 7)[0] == 0
    assert wilson_interval(7, 7)[1] == 1


@pytest.mark.parametrize("right, n", [(0, 0), (-1, 3), (4, 3)])
def test_wilson_errors(right, n):
    with pytest.raises(ValueError, match=rf"Received: successes={right}, n="):
        wilson_interval(right, n)


def effective_by_loop(right, groups):
    """The number of pictures over the design effect, one group at a time."""
    n, share = len(right), sum(right) / len(right)
    names = sorted(set(groups))
    squares = 0.0
    for name in names:
        of_group = [r for r, g in zip(right, groups, strict=True) if g == name]
        squares += (sum(of_group) - share * len(of_group)) ** 2
    variance = len(names) / (len(names) - 1) * squares / n**2
    return min(n, share * (1 - share) / variance)


def test_groups_count_as_fewer_pictures_like_a_loop():
    right = np.array([1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1], bool)
    groups = [7, 7, 7, 2, 2, 2, 5, 5, 9, 9, 9, 9]
    n = effective_by_loop(right, groups)
    assert n < 12
    expected = wilson_interval(right.mean() * n, n)
    assert share_interval(right, groups) == pytest.approx(expected)


def test_groups_of_equal_pictures_count_once_each():
    right = np.array([1, 0, 1, 1, 0, 1, 1, 1], bool)
    low, high = share_interval(right.repeat(5), np.arange(8).repeat(5))
    alone = share_interval(right)
    # Up to groups / (groups - 1) in the variance.
    assert (low, high) == pytest.approx(alone, abs=0.04)
    assert low <= alone[0] and high >= alone[1]


@pytest.mark.parametrize("value", [False, True])
def test_all_alike_counts_each_group_once(value):
    groups = [0, 0, 0, 1, 1, 2]
    expected = wilson_interval(3 * value, 3)
    assert share_interval([value] * 6, groups) == list(expected)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1),
)
def test_an_interval_holds_its_share_and_groups_never_narrow_it(pictures):
    right, groups = zip(*pictures, strict=True)
    share = sum(right) / len(right)
    alone, grouped = share_interval(right), share_interval(right, groups)
    for low, high in (alone, grouped):
        assert 0 <= low <= share + 1e-9 and share - 1e-9 <= high <= 1
    assert grouped[1] - grouped[0] >= alone[1] - alone[0] - 1e-9


def test_edges_of_shares():
    assert share_interval([]) is None
    assert share_interval([True], [3]) == list(wilson_interval(1, 1))
    with pytest.raises(ValueError, match=r"groups.shape=\(2,\), 3 pictures"):
        share_interval([True] * 3, [0, 1])


def test_bootstrap_is_the_percentiles_of_drawn_measures():
    rng = np.random.default_rng(1)
    right = rng.random(200) < 0.8

    def share(counts):
        return counts @ right / counts.sum()

    found = bootstrap_interval(share, 200)
    drawn = [right[rng.integers(0, 200, 200)].mean() for _ in range(4000)]
    assert found == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=0.015)
    assert found == bootstrap_interval(share, 200)


def test_bootstrap_draws_whole_groups():
    right = np.arange(20) % 4 > 0
    groups = np.arange(20).repeat(10)

    def share(counts):
        assert (counts.reshape(20, 10) == counts[::10, None]).all()
        return counts @ right.repeat(10) / counts.sum()

    low, high = bootstrap_interval(share, 200, groups)
    alone = bootstrap_interval(share, 200, np.arange(20).repeat(10))
    assert [low, high] == alone
    assert high - low > 2 * 1.96 * math.sqrt(0.75 * 0.25 / 200)


def test_edges_of_the_bootstrap():
    def one(counts):
        return 1.0

    assert bootstrap_interval(one, 0) is None
    assert bootstrap_interval(one, 1) == list(wilson_interval(1, 1))
    assert bootstrap_interval(one, 9) == list(wilson_interval(9, 9))
    assert bootstrap_interval(one, 6, [0, 0, 0, 1, 1, 1]) == list(
        wilson_interval(2, 2)
    )


def test_every_accuracy_of_a_report_has_an_interval_that_holds_it():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), 9)
    probabilities = rng.dirichlet(np.ones(6), 54)
    probabilities[np.arange(54), labels] += 0.3
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    names = list("abcdef")
    found = classification_metrics(labels, probabilities, names)
    right = probabilities.argmax(axis=1) == labels
    alike = right.argsort(kind="stable").argsort() // 9  # right together
    of_groups = classification_metrics(labels, probabilities, names, alike)
    keys = ("top_1", "top_3", "top_5", "balanced_accuracy", "macro_f1")
    for key in keys:
        low, high = found[f"{key}_interval"]
        assert low <= found[key] <= high
        assert of_groups[key] == found[key]
    assert of_groups["top_1_interval"] != found["top_1_interval"]
    for row in found["per_class"]:
        hits = round(row["n"] * row["accuracy"])
        assert row["accuracy_interval"] == pytest.approx(
            list(wilson_interval(hits, row["n"]))
        )
        low, high = row["precision_interval"]
        assert low <= row["precision"] <= high


def test_class_without_a_picture_has_no_interval():
    found = classification_metrics([0, 0], np.eye(2)[[0, 0]], ["a", "b"])
    absent = found["per_class"][1]
    assert absent["accuracy_interval"] is absent["precision_interval"] is None
    assert found["balanced_accuracy_interval"] == list(wilson_interval(2, 2))
