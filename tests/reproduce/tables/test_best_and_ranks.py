"""The best of several methods, ranks, and averages over rows."""

import pytest
from stand_ins import MEASURES

from kerasfg.reproduce.tables.summary import summarize


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


def test_the_average_equals_loops_over_rows_and_seeds(
    make_row, make_grid, assert_is
):
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


def test_the_best_is_chosen_by_the_first_seed_of_each_row(
    best_rows, best_grid, assert_is
):
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
