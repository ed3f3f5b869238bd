import math

import pytest

from kerasfg.evaluation.grid_summary import mean_and_spread
from kerasfg.evaluation.grid_summary import summarize

# The seeds of the last method are not all those of the first.
SEEDS = {"plain": (0, 1, 2, 3), "tuned": (0, 1, 2), "other": (4, 3, 2)}


@pytest.fixture
def row(rng):
    """A function that makes the row of a training with random results."""

    def row(method, seed, stage="final", values=None):
        return {
            "method": method,
            "seed": seed,
            "stage": stage,
            "values": values or {},
            "val_accuracy": rng.random(),
            "test_accuracy": rng.random(),
            "confusion": {"wings": rng.random(), "tail": rng.random()},
        }

    return row


@pytest.fixture
def rows(row):
    tuning = [row("tuned", 0, "tuning", {"margin": m}) for m in (1.0, 3.0)]
    final = [
        row(method, seed, values={"margin": 2.0} if method == "tuned" else {})
        for method, seeds in SEEDS.items()
        for seed in seeds
    ]
    return tuning + final


def spread(numbers):
    """Sample standard deviation, one number at a time."""
    mean = sum(numbers) / len(numbers)
    squares = 0.0
    for number in numbers:
        squares += (number - mean) ** 2
    return math.sqrt(squares / (len(numbers) - 1))


def final(rows, method):
    found = {}
    for row in rows:
        if row["method"] == method and row["stage"] == "final":
            found[row["seed"]] = row
    return found


def assert_is(measured, numbers):
    assert measured["n"] == len(numbers)
    assert measured["mean"] == pytest.approx(sum(numbers) / len(numbers))
    assert measured["spread"] == pytest.approx(spread(numbers))


def test_equals_loops_over_the_seeds(rows):
    summaries = summarize(rows, list(SEEDS), baseline="plain")
    assert [summary["method"] for summary in summaries] == list(SEEDS)
    plain = final(rows, "plain")
    for summary in summaries:
        mine = final(rows, summary["method"])
        assert summary["seeds"] == len(mine)
        for key in ("val_accuracy", "test_accuracy"):
            assert_is(summary[key], [row[key] for row in mine.values()])
        for name in ("wings", "tail"):
            rates = [row["confusion"][name] for row in mine.values()]
            assert_is(summary["confusion"][name], rates)
        if summary["method"] == "plain":
            assert summary["difference"] is None
            continue
        differences = []
        for seed in mine:
            if seed in plain:
                gain = mine[seed]["test_accuracy"]
                differences.append(gain - plain[seed]["test_accuracy"])
        assert_is(summary["difference"], differences)
        better = 0
        for difference in differences:
            better += difference > 0
        assert summary["difference"]["better"] == better


def test_pairs_have_less_spread_than_the_seeds(row):
    accuracies = {"plain": (0.2, 0.5, 0.8), "other": (0.3, 0.6, 0.9)}
    rows = [
        row(method, seed) | {"test_accuracy": accuracy}
        for method, of_method in accuracies.items()
        for seed, accuracy in enumerate(of_method)
    ]
    summary = summarize(rows, list(accuracies), "plain")[1]
    assert summary["test_accuracy"]["spread"] == pytest.approx(0.3)
    assert summary["difference"]["mean"] == pytest.approx(0.1)
    assert summary["difference"]["spread"] == pytest.approx(0, abs=1e-12)
    assert summary["difference"]["better"] == 3


def test_tells_what_was_tried_and_chosen(rows):
    summary = summarize(rows, list(SEEDS), "plain")[1]
    assert summary["values"] == {"margin": 2.0}
    assert summary["tried"] == {"margin": [1.0, 3.0, 2.0]}


def test_nothing_is_known_of_a_method_before_its_choice(rows):
    only = [row for row in rows if row["stage"] == "tuning"]
    summary = summarize(only, ["plain", "tuned"], "plain")[1]
    assert summary["values"] is None
    assert summary["seeds"] == 0
    assert summary["test_accuracy"]["mean"] is None
    assert summary["difference"]["n"] == 0


def test_a_rate_that_is_not_defined_is_left_out(rows):
    mine = final(rows, "plain")
    mine[0]["confusion"]["wings"] = None
    del mine[1]["confusion"]["wings"]
    summary = summarize(rows, list(SEEDS), "plain")[0]
    rates = [mine[seed]["confusion"]["wings"] for seed in (2, 3)]
    assert_is(summary["confusion"]["wings"], rates)


def test_one_number_has_no_spread():
    assert mean_and_spread([0.5]) == {"n": 1, "mean": 0.5, "spread": None}
    assert mean_and_spread([]) == {"n": 0, "mean": None, "spread": None}
