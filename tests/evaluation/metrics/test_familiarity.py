"""What is familiar: the fit against its formulas in plain loops."""

import math

import numpy as np
import pytest

from kerasfg.evaluation import fit_familiarity
from kerasfg.evaluation import measure_familiarity
from kerasfg.evaluation.metrics.familiarity import leading_directions
from kerasfg.evaluation.metrics.familiarity import ridge_left_out

DIM, CLASSES = 40, 3


def pictures(seed, n, kind=0, size=0.3):
    """Features and logits: the known of `kind` 0, strangers of 1, 2, …"""
    rng = np.random.default_rng(seed)
    middles = np.random.default_rng(9).normal(size=(4, CLASSES, DIM)) ** 2
    labels = rng.integers(CLASSES, size=n)
    # A stranger lies near a class, a fifth of the way to something else.
    middle = 0.8 * middles[0] + 0.2 * middles[kind]
    noise = size * rng.normal(size=(n, DIM))
    features = np.maximum(middle[labels] + noise, 0)
    logits = features @ (middles[0].T - middles[0].mean()) / 5
    return features, logits


def log_sum(row):
    return math.log(sum(math.exp(x) for x in row))


def deviation(values):
    middle = sum(values) / len(values)
    return math.sqrt(sum((x - middle) ** 2 for x in values) / len(values))


def inside(row, directions):
    """The share of a row's square that lies in some directions."""
    length = math.sqrt(sum(x * x for x in row))
    return sum(
        sum(a * b / length for a, b in zip(row, column, strict=True)) ** 2
        for column in directions.T
    )


def test_without_negatives_it_is_the_formula():
    train, _ = pictures(0, 60)
    features, logits = pictures(1, 41)
    new, new_logits = pictures(2, 5, kind=1)
    head = fit_familiarity(train, features, logits)
    units = np.array([row / np.linalg.norm(row) for row in train])
    directions = np.linalg.svd(units)[2][:24].T
    shares = [inside(row, directions) for row in features]
    energies = [log_sum(row) for row in logits]
    a, b = 1 / deviation(shares), 1 / deviation(energies)
    values = [a * x + b * y for x, y in zip(shares, energies, strict=True)]
    lowest = sorted(values)[2]  # of 41: 5 % lie below
    scale = math.log(19) / (sorted(values)[20] - lowest)
    sizes = a * max(shares) + b * max(abs(x) for row in logits for x in row)
    scale = min(scale, 5e-5 * 4 * 2**19 / sizes)  # as exact as float32 is
    found = head.score(new, new_logits)
    for row, of_row, score in zip(new, new_logits, found, strict=True):
        value = a * inside(row, directions) + b * log_sum(of_row) - lowest
        wanted = 1 / (1 + math.exp(-scale * value))
        assert score == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("size", [0.03, 0.3])
def test_float32_has_the_digits_for_it(size):
    train, _ = pictures(0, 60, size=size)
    features, logits = pictures(1, 101, size=size)
    head = fit_familiarity(train, features, logits)
    x = features.astype("float32")
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    inside_of = np.square(x @ head.projection).sum(axis=1)
    energies = np.log(np.exp(logits.astype("float32")).sum(axis=1))
    weighed = np.float32(head.energy) * energies
    value = np.float32(head.offset) + inside_of + weighed
    assert value.dtype == "float32"
    wanted = head.score(features, logits)
    assert abs(1 / (1 + np.exp(-value)) - wanted).max() < 5e-5
    assert (wanted >= 0.4999).mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("negatives", [(), pictures(5, 50, kind=1)])
def test_keeps_what_was_asked_for_and_the_middle_is_at_95(negatives):
    train, _ = pictures(0, 60)
    features, logits = pictures(1, 101, size=1.0)
    head = fit_familiarity(train, features, logits, *negatives, kept=0.9)
    if not negatives:  # with them, each is judged as if it were left out
        score = np.sort(head.score(features, logits))
        assert (score >= 0.4999).mean() == pytest.approx(91 / 101)
        assert score[50] == pytest.approx(0.95, abs=1e-4)
    assert head.projection.shape == (DIM, 24)
    # Its file is small, and the length of features tells nothing.
    other = head.score(7 * features, logits)
    np.testing.assert_allclose(other, head.score(features, logits), atol=1e-5)


def test_negatives_help_with_their_kind():
    train, val, test = pictures(0, 90)[0], pictures(1, 60), pictures(2, 60)
    foreign = pictures(3, 60, kind=1)
    plain = fit_familiarity(train, *val)
    helped = fit_familiarity(train, *val, *pictures(4, 60, kind=1))
    before, after = (
        measure_familiarity(head.score(*test), head.score(*foreign))
        for head in (plain, helped)
    )
    assert after["auroc"] > before["auroc"]
    assert after["let_through"] < before["let_through"]


def test_ridge_left_out_is_a_fit_without_the_row(rng):
    x, y = rng.normal(size=(12, 4)), np.sign(rng.normal(size=12))
    weights = rng.random(12)
    weights /= weights.sum()
    slope, start, left_out = ridge_left_out(x, y, weights)
    centred = x - weights @ x
    sizes = np.linalg.eigvalsh((centred.T * weights) @ centred)

    def solve(rows, penalty):
        """The ridge regression of some rows, by its normal equations."""
        ones = np.column_stack([x[rows], np.ones(len(rows))])
        matrix = (ones.T * weights[rows]) @ ones
        matrix += penalty * np.diag([1, 1, 1, 1, 0])
        return np.linalg.solve(matrix, ones.T @ (weights[rows] * y[rows]))

    errors = {}
    for power in range(-3, 4):
        penalty = sizes.mean() * 10.0**power
        answers = []
        for i in range(12):
            found = solve([j for j in range(12) if j != i], penalty)
            answers.append(x[i] @ found[:4] + found[4])
        error = sum(weights * (np.array(answers) - y) ** 2)
        errors[error] = penalty, answers
    penalty, answers = errors[min(errors)]
    np.testing.assert_allclose(left_out, answers, atol=1e-9)
    whole = solve(list(range(12)), penalty)
    np.testing.assert_allclose([*slope, start], whole, atol=1e-9)


def test_leading_directions_hold_most(rng):
    features = rng.normal(size=(30, 8)) * [9, 1, 5, 0, 0, 0, 0, 0]
    found = leading_directions(features, 24)
    assert found.shape == (8, 3)  # the rest holds nothing
    np.testing.assert_allclose(found.T @ found, np.eye(3), atol=1e-9)
    assert abs(found[0, 0]) > 0.9


@pytest.mark.parametrize(
    ("train", "val"),
    [
        (np.ones((5, 8)), np.ones((4, 8))),
        (np.zeros((5, 8)), np.zeros((4, 8))),
        (np.eye(2, 8), np.eye(8)[:1]),
        (np.eye(1, 8), np.eye(8)),
    ],
)
@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("negatives", [False, True])
def test_edges_give_numbers(train, val, classes, negatives):
    logits = np.zeros((len(val), classes))
    others = (np.eye(3, 8), np.ones((3, classes))) if negatives else ()
    head = fit_familiarity(train, val, logits, *others)
    assert np.isfinite(head.score(np.eye(8), np.ones((8, classes)))).all()
    assert (head.score(val, logits) >= 0.49).mean() >= 0.5 or negatives


def test_measure_is_the_share_of_pairs():
    known, foreign = [0.9, 0.5, 0.5, 0.1], [0.5, 0.2, 0.05]
    pairs = sum(
        1.0 if a > b else 0.5 if a == b else 0.0 for a in known for b in foreign
    )
    found = measure_familiarity(known, foreign, kept=0.75)
    assert found["auroc"] == pytest.approx(pairs / 12)
    assert (found["pictures"], found["let_through"]) == (3, 1 / 3)
    low, high = found["let_through_interval"]
    assert 0 < low < 1 / 3 < high < 1
    assert found["let_through_at_kept"] == 1 / 3  # from 0.4 on


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"features": np.ones(5)}, "`features` must be finite"),
        ({"features": np.full((5, 8), np.nan)}, "`features` must be finite"),
        ({"val_features": np.ones((0, 8))}, "`val_features` must be"),
        ({"val_features": np.ones((4, 7))}, "its logits and 8 features"),
        ({"val_logits": np.ones((3, 2))}, "its logits and 8 features"),
        ({"negative_features": np.ones((4, 8))}, "or neither"),
        (
            {
                "negative_features": np.ones((4, 8)),
                "negative_logits": np.ones((4, 3)),
            },
            "of the same classes",
        ),
        ({"kept": 1.0}, "Received: kept=1.0"),
    ],
)
def test_errors(change, text):
    given = {
        "features": np.ones((5, 8)),
        "val_features": np.ones((4, 8)),
        "val_logits": np.ones((4, 2)),
    }
    with pytest.raises(ValueError, match=text):
        fit_familiarity(**{**given, **change})


@pytest.mark.parametrize("scores", [[], [np.nan]])
def test_errors_of_measure(scores):
    with pytest.raises(ValueError, match="`foreign` must be finite"):
        measure_familiarity([0.5], scores)
