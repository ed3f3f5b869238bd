import pytest
from stand_ins import MEASURES
from stand_ins import SEEDS

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.tables.summary import summarize


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


def final(rows, method):
    found = {}
    for row in rows:
        if row["method"] == method and row["stage"] == "final":
            found[row["seed"]] = row
    return found


def test_equals_loops_over_the_seeds(rows, make_grid, assert_is):
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


def test_differences_are_of_the_first_measure(make_row, make_grid, assert_is):
    grid = make_grid(measures=("balanced_accuracy", "top_1"))
    rows = [make_row(m, s) for m in ("plain", "other") for s in (0, 1, 2)]
    rows[0]["test_balanced"] = None  # from before it was measured
    _, _, other = summarize(rows, grid)
    differences = []
    for seed in (1, 2):
        mine, plain = rows[3 + seed], rows[seed]
        differences.append(mine["test_balanced"] - plain["test_balanced"])
    assert_is(other["difference"], differences)


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


# === The paper ===


def test_the_paper_has_its_own_difference(make_grid):
    paper = {
        "a": {"plain": 38.09, "tuned": 53.24},  # 15.149999… as binary numbers
        "b": {"tuned": {"top_1": 70.0, "top_3": 90.0}},
    }
    gains = {"b": {"tuned": "over 5"}}
    grid = make_grid(rows=["a", "b"], paper=paper, paper_gains=gains)
    summaries = summarize([], grid)
    found = {
        (s["row"], s["method"]): (s["paper"], s["paper_difference"])
        for s in summaries
    }
    assert found == {
        ("a", "plain"): ({"top_1": 38.09}, None),
        ("a", "tuned"): ({"top_1": 53.24}, 15.15),
        ("a", "other"): ({}, None),
        ("b", "plain"): ({}, None),
        ("b", "tuned"): ({"top_1": 70.0, "top_3": 90.0}, "over 5"),
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


def test_a_rate_that_is_not_defined_is_left_out(rows, make_grid, assert_is):
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
