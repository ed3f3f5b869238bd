import math
import types

import pytest

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.tables.summary import summarize

# The seeds of the last method are not all those of the first.
SEEDS = {"plain": (0, 1, 2, 3), "tuned": (0, 1, 2), "other": (4, 3, 2)}
MEASURES = {
    "val_accuracy": "val_accuracy",
    "top_1": "test_accuracy",
    "top_3": "test_top_3",
    "top_5": "test_top_5",
    "seconds_per_epoch": "seconds_per_epoch",
}


@pytest.fixture
def make_grid():
    """A function that makes what a summary wants to know of a grid."""

    def make_grid(methods=SEEDS, rows=(), without=(), **changed):
        """`without`: pairs of a row and a method that it does not have."""
        return types.SimpleNamespace(
            **{
                "rows": rows,
                "methods": methods,
                "methods_of": lambda row: [
                    name for name in methods if (row, name) not in without
                ],
                "baseline": "plain",
                "seeds": (0, 1, 2, 3),
                "average": (),
                "best_of": (),
                "ranked": False,
                "paper": {},
            }
            | changed
        )

    return make_grid


@pytest.fixture
def make_row(rng):
    """A function that makes the row of a training with random results."""

    def make_row(method, seed, stage="final", values=None, **changed):
        return {
            "row": "",
            "method": method,
            "seed": seed,
            "stage": stage,
            "values": values or {},
            **{key: rng.random() for key in MEASURES.values()},
            "confusion": {"wings": rng.random(), "tail": rng.random()},
            "resolutions": {16: rng.random(), 32: rng.random()},
        } | changed

    return make_row


@pytest.fixture
def rows(make_row):
    tuning = [make_row("tuned", 0, "tuning", {"margin": m}) for m in (1.0, 3.0)]
    final = [
        make_row(
            method, seed, values={"margin": 2.0} if method == "tuned" else {}
        )
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


def test_equals_loops_over_the_seeds(rows, make_grid):
    summaries = summarize(rows, make_grid())
    assert [summary["method"] for summary in summaries] == list(SEEDS)
    plain = final(rows, "plain")
    for summary in summaries:
        mine = final(rows, summary["method"])
        assert summary["seeds"] == len(mine)
        for name, key in MEASURES.items():
            assert_is(summary[name], [row[key] for row in mine.values()])
        for name in ("wings", "tail"):
            rates = [row["confusion"][name] for row in mine.values()]
            assert_is(summary["confusion"][name], rates)
        for size in (16, 32):
            accuracies = [row["resolutions"][size] for row in mine.values()]
            assert_is(summary["resolutions"][size], accuracies)
        for name, key in (
            ("difference", "test_accuracy"),
            ("val_difference", "val_accuracy"),
        ):
            if summary["method"] == "plain":
                assert summary[name] is None
                continue
            differences = []
            for seed in mine:
                if seed in plain:
                    differences.append(mine[seed][key] - plain[seed][key])
            assert_is(summary[name], differences)
            better = 0
            for difference in differences:
                better += difference > 0
            assert summary[name]["better"] == better


def test_each_row_is_compared_with_its_own_baseline(make_row, make_grid):
    accuracies = {"a": (0.2, 0.5), "b": (0.6, 0.9)}
    rows = [
        make_row(method, 0, row=row, test_accuracy=accuracy)
        for row, pair in accuracies.items()
        for method, accuracy in zip(("plain", "other"), pair, strict=True)
    ]
    grid = make_grid(["plain", "other"], rows=["a", "b"])
    summaries = summarize(rows, grid, {("b", "other"): 1.25})
    assert [(s["row"], s["method"]) for s in summaries] == [
        ("a", "plain"),
        ("a", "other"),
        ("b", "plain"),
        ("b", "other"),
    ]
    for summary in summaries[1::2]:
        assert summary["difference"]["mean"] == pytest.approx(0.3)
    assert [s["latency_ms"] for s in summaries] == [None, None, None, 1.25]


def test_a_row_has_no_line_for_what_it_does_without(make_row, make_grid):
    grid = make_grid(["plain", "other"], ["a", "b"], [("b", "other")])
    summaries = summarize([], grid)
    found = [(s["row"], s["method"]) for s in summaries]
    assert found == [("a", "plain"), ("a", "other"), ("b", "plain")]


# === The average over the rows ===


def average(rows, names, method, key):
    """Of each seed that all these rows have, one row at a time."""
    means = {}
    for seed in range(10):
        total, number = 0.0, 0
        for name in names:
            for row in rows:
                if (row["row"], row["method"], row["seed"]) == (
                    name,
                    method,
                    seed,
                ):
                    total += row[key]
                    number += 1
        if number == len(names):
            means[seed] = total / number
    return means


def test_the_average_equals_loops_over_rows_and_seeds(make_row, make_grid):
    names = {"plain": "abc", "partly": "ac", "whole": "abc"}
    rows = [
        make_row(method, seed, row=name)
        for method, of_method in names.items()
        for name in of_method
        for seed in (0, 1, 2, 3)
        if (method, name, seed) not in [("whole", "b", 1), ("plain", "c", 2)]
    ]
    rows.append(make_row("plain", 0, row="left out"))
    every = ["a", "b", "left out", "c"]
    grid = make_grid(list(names), every, [("b", "partly")], average="abc")
    summaries = summarize(rows, grid)[-3:]
    assert [(s["row"], s["method"]) for s in summaries] == [
        ("average of 3", "plain"),
        ("average of 3", "whole"),
        ("average of 2", "partly"),
    ]
    assert [s["seeds"] for s in summaries] == [3, 3, 4]
    for summary in summaries:
        method = summary["method"]
        for name, key in MEASURES.items():
            means = average(rows, names[method], method, key)
            assert_is(summary[name], list(means.values()))
    for summary in summaries[1:]:
        method = summary["method"]
        mine = average(rows, names[method], method, "test_accuracy")
        plain = average(rows, names[method], "plain", "test_accuracy")
        both = [seed for seed in mine if seed in plain]
        assert both == {"whole": [0, 3], "partly": [0, 1, 3]}[method]
        assert_is(
            summary["difference"], [mine[seed] - plain[seed] for seed in both]
        )


def test_a_method_of_one_of_the_rows_has_no_average(make_row, make_grid):
    without = [("b", "other"), ("b", "third"), ("a", "third")]
    methods = ["other", "plain", "third"]
    grid = make_grid(methods, "abc", without, average="ab")
    rows = [make_row(m, 0, row=name) for m in methods for name in "abc"]
    averages = [s for s in summarize(rows, grid) if "average" in s["row"]]
    assert [s["method"] for s in averages] == ["plain"]


def test_a_measure_that_a_row_lacks_has_no_average(make_row, make_grid):
    rows = [
        make_row("plain", 0, row="a"),
        make_row("plain", 0, row="b", test_top_5=None),
    ]
    grid = make_grid(["plain"], "ab", average="ab")
    summary = summarize(rows, grid)[-1]
    assert summary["top_3"]["n"] == 1
    assert summary["top_5"] == {"n": 0, "mean": None, "spread": None}


@pytest.fixture
def best_grid(make_grid):
    """Of three methods, one of which is not in every row, two compete."""
    methods = ["plain", "one", "other", "third"]
    return make_grid(
        methods,
        "abc",
        [("b", "other")],
        average="ab",
        best_of=["one", "other"],
    )


@pytest.fixture
def best_rows(make_row, best_grid):
    """The first seed's validation takes `other` in row a, `one` in b."""
    chosen = {("a", "other", 0): 1.5, ("a", "third", 0): 2.0}
    chosen |= {("a", "one", 1): 3.0, ("b", "third", 0): 2.0}
    return [
        make_row(m, seed, row=name)
        | {"val_accuracy": chosen.get((name, m, seed), 0.5)}
        for name in "abc"
        for m in best_grid.methods_of(name)
        for seed in range(4)
    ]


def test_the_best_is_chosen_by_the_first_seed_of_each_row(best_rows, best_grid):
    summary = summarize(best_rows, best_grid)[-1]
    assert summary["row"] == "average of 2"
    assert summary["method"] == "best on validation"
    assert summary["values"] == {"a": "other", "b": "one"}
    found = {(r["row"], r["method"], r["seed"]): r for r in best_rows}
    means, differences = [], []
    for seed in range(4):
        own = found["a", "other", seed]["test_accuracy"]
        own += found["b", "one", seed]["test_accuracy"]
        plain = found["a", "plain", seed]["test_accuracy"]
        plain += found["b", "plain", seed]["test_accuracy"]
        means.append(own / 2)
        differences.append((own - plain) / 2)
    assert_is(summary["top_1"], means)
    assert_is(summary["difference"], differences)


def test_the_best_does_not_depend_on_the_test(best_rows, best_grid):
    before = summarize(best_rows, best_grid)[-1]["values"]
    for row in best_rows:
        row["test_accuracy"] = float(row["method"] == "third")
    assert summarize(best_rows, best_grid)[-1]["values"] == before


def test_nothing_is_best_before_all_have_been_trained(best_rows, best_grid):
    rows = [
        row
        for row in best_rows
        if (row["row"], row["method"], row["seed"]) != ("a", "one", 0)
    ]
    summary = summarize(rows, best_grid)[-1]
    assert summary["method"] == "best on validation"
    assert (summary["seeds"], summary["values"]) == (0, None)


# === Ranks and the paper ===


def test_ranks_are_by_the_gain_on_validation_and_not_on_the_test(
    make_row, make_grid
):
    validation = {"low": 0.3, "plain": 0.5, "high": 0.8, "same": 0.5}
    rows = [
        make_row(method, 0, val_accuracy=accuracy, test_accuracy=1 - accuracy)
        for method, accuracy in validation.items()
    ]
    grid = make_grid(["unknown", *validation], ranked=True)
    ranked = [summary["method"] for summary in summarize(rows, grid)]
    assert ranked == ["plain", "high", "same", "low", "unknown"]


def test_the_paper_has_its_own_difference(make_grid):
    paper = {
        "a": {"plain": 40.0, "tuned": 42.5},
        "b": {"tuned": {"top_1": 70.0, "top_3": 90.0}},
    }
    summaries = summarize([], make_grid(rows=["a", "b"], paper=paper))
    found = {
        (s["row"], s["method"]): (s["paper"], s["paper_difference"])
        for s in summaries
    }
    assert found == {
        ("a", "plain"): ({"top_1": 40.0}, None),
        ("a", "tuned"): ({"top_1": 42.5}, 2.5),
        ("a", "other"): ({}, None),
        ("b", "plain"): ({}, None),
        ("b", "tuned"): ({"top_1": 70.0, "top_3": 90.0}, None),
        ("b", "other"): ({}, None),
    }


# === What is tuned, missing or not defined ===


def test_pairs_have_less_spread_than_the_seeds(make_row, make_grid):
    accuracies = {"plain": (0.2, 0.5, 0.8), "other": (0.3, 0.6, 0.9)}
    rows = [
        make_row(method, seed, test_accuracy=accuracy)
        for method, of_method in accuracies.items()
        for seed, accuracy in enumerate(of_method)
    ]
    summary = summarize(rows, make_grid(list(accuracies)))[1]
    assert summary["top_1"]["spread"] == pytest.approx(0.3)
    assert summary["difference"]["mean"] == pytest.approx(0.1)
    assert summary["difference"]["spread"] == pytest.approx(0, abs=1e-12)
    assert summary["difference"]["better"] == 3


def test_tells_what_was_tried_and_chosen(rows, make_grid):
    summary = summarize(rows, make_grid())[1]
    assert summary["values"] == {"margin": 2.0}
    assert summary["tried"] == {"margin": [1.0, 3.0, 2.0]}


def test_a_list_may_be_tried(make_row, make_grid):
    lists = [["wings"], ["wings"], ["tail"]]
    rows = [
        make_row("tuned", seed, values={"attribute": names})
        for seed, names in enumerate(lists)
    ]
    summary = summarize(rows, make_grid())[1]
    assert summary["tried"] == {"attribute": [["wings"], ["tail"]]}


def test_nothing_is_known_of_a_method_before_its_choice(rows, make_grid):
    only = [row for row in rows if row["stage"] == "tuning"]
    summary = summarize(only, make_grid())[1]
    assert summary["values"] is None
    assert summary["seeds"] == 0
    assert summary["top_1"]["mean"] is None
    assert summary["difference"]["n"] == 0


def test_a_rate_that_is_not_defined_is_left_out(rows, make_grid):
    mine = final(rows, "plain")
    mine[0]["confusion"]["wings"] = None
    del mine[1]["confusion"]["wings"]
    mine[2]["test_top_5"] = None
    summary = summarize(rows, make_grid())[0]
    rates = [mine[seed]["confusion"]["wings"] for seed in (2, 3)]
    assert_is(summary["confusion"]["wings"], rates)
    assert_is(
        summary["top_5"], [mine[seed]["test_top_5"] for seed in (0, 1, 3)]
    )


def test_one_number_has_no_spread():
    assert mean_and_spread([0.5]) == {"n": 1, "mean": 0.5, "spread": None}
    assert mean_and_spread([]) == {"n": 0, "mean": None, "spread": None}
