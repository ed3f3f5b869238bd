import pytest

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.report.html_page.other_tables import export_table
from kerasfg.evaluation.report.html_page.other_tables import settings_table
from kerasfg.evaluation.report.html_page.result_tables import accuracy_table
from kerasfg.evaluation.report.html_page.result_tables import attribute_table
from kerasfg.evaluation.report.html_page.result_tables import calibration_table
from kerasfg.evaluation.report.html_page.result_tables import class_table
from kerasfg.evaluation.report.html_page.result_tables import pair_table
from kerasfg.evaluation.report.html_page.result_tables import resolution_table
from kerasfg.evaluation.report.html_page.result_tables import seeds_table
from kerasfg.evaluation.report.html_page.same_recipe import same_recipe
from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Interval
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import number
from kerasfg.evaluation.report.html_page.table import spread
from kerasfg.evaluation.report.html_page.table import worst


@pytest.fixture
def run(leave_run):
    return read_run(leave_run("a"), "a")


@pytest.fixture
def runs(run, leave_run):
    others = [("b", {"seed": 1}), ("c", {"seed": 2, "size": 64})]
    return [run] + [read_run(leave_run(n, **kw), n) for n, kw in others]


def test_every_row_is_as_long_as_the_headers(runs, leave_run, leave_export):
    folder = leave_run("exported")
    leave_export(folder)
    groups = same_recipe(runs)
    for table in (
        accuracy_table(runs),
        seeds_table(groups),
        calibration_table(runs),
        class_table(runs),
        pair_table(runs[0]),
        settings_table(groups),
        export_table(read_run(folder, "exported")),
    ):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.headers)}
        for row in table.rows:
            assert all(isinstance(cell, (str, Interval)) for cell in row)


def test_tables_without_a_row_are_none(run):
    groups = same_recipe([run])
    assert seeds_table(groups) is None
    assert settings_table(groups) is None
    assert resolution_table([run]) is None
    assert attribute_table([run]) is None
    assert export_table(run) is None


def test_accuracy_table_shows_the_report(run):
    (row,) = accuracy_table([run]).rows
    right = sum(run.test["confusion"][i][i] for i in range(3))
    assert row[:4] == ("a", "30", "3", percent(right / 30))
    assert row[4] == Interval(right / 30, *run.test["top_1_interval"])


def test_a_run_that_is_never_sure_has_no_such_accuracy(run):
    run.test["sure"].update(n=0, coverage=0.0, accuracy=None)
    run.test["sure"]["accuracy_interval"] = None
    (row,) = calibration_table([run]).rows
    assert row[-3:] == ("0.0 %", NONE, NONE)


def test_classes_come_the_worst_first_over_all_runs(leave_run):
    runs = []
    for name, accuracies in (
        ("a", {"crow": 0.5, "jay": 1.0, "rook": None}),
        ("b", {"crow": 0.75, "wren": 0.25}),
    ):
        run = read_run(leave_run(name), name)
        run.test["per_class"] = [
            {"class": key, "accuracy": value}
            for key, value in accuracies.items()
        ]
        runs.append(run)
    assert class_table(runs).rows == [
        ("wren", NONE, "25.0 %"),
        ("crow", "50.0 %", "75.0 %"),
        ("jay", "100.0 %", NONE),
        ("rook", NONE, NONE),
    ]


def test_attributes_are_those_crossed_most(run):
    def found(rate):
        shares = {"share_of_mistakes": 0.5, "chance_share": None}
        return {
            **{"n": 10, "confused": 1, "rate": rate, "interval": [0, 1]},
            **shares,
        }

    run.test["attributes"] = {
        **{f"a{i}": found(i / 100) for i in range(12)},
        "unknown": {"n": 0, "rate": None},
    }
    table = attribute_table([run])
    assert [row[0] for row in table.rows] == [f"a{i}" for i in range(11, 1, -1)]
    assert table.rows[0][-1] == NONE
    assert "2 more are in report.json" in table.caption


def test_settings_are_those_that_differ(leave_run):
    runs = [read_run(leave_run(n, size=s), n) for n, s in (("a", 32), ("b", 9))]
    runs[1].recipe["model"].update(attention=True, attribute=["x", "y"])
    table = settings_table(same_recipe(runs))
    assert table.headers == ("key", "a", "b")
    assert table.rows == [
        ("image_size", "32", "9"),
        ("attention", NONE, "yes"),
        ("attribute", NONE, "x, y"),
    ]


def test_settings_of_many_recipes_have_a_row_for_each(leave_run):
    sizes = {"a": 32, "b": 9, "c": 7}
    runs = [read_run(leave_run(n, size=s), n) for n, s in sizes.items()]
    table = settings_table(same_recipe(runs))
    assert table.headers == ("runs", "image_size")
    assert table.rows == [("a", "32"), ("b", "9"), ("c", "7")]


def test_files_say_which_to_take_and_which_are_refused(run, leave_run):
    row = {
        "file": "model.onnx",
        "bytes": 1_500_000,
        "of_float32": 0.25,
        "load_ms": None,
        "peak_memory_mb": None,
        "latency_ms": {"1": [3.25, 4.0], "2": [2.0, 2.5]},
        "accuracy": 0.5,
        "agreement": 0.75,
        "max_difference": 0.00123,
        "verdict": "passed",
    }
    empty = {**dict.fromkeys(row), "file": "b", "verdict": "It broke."}
    content = {"files": [row, empty], "recommended": "model.onnx"}
    object.__setattr__(run, "exported", content)
    first, second = export_table(run).rows
    assert first[:5] == ("model.onnx", "recommended", "1.50", "0.25", "3.2")
    assert first[5:] == (NONE, NONE, "50.0 %", "75.0 %", "1.2e-03")
    assert second == ("b", "It broke.", *[NONE] * 8)


def test_scale_holds_every_interval_in_whole_tenths():
    rows = [("a", Interval(0.5, 0.42, 0.58)), ("b", Interval(0.7, 0.61, 0.75))]
    table = Table("", ("run", ""), rows)
    assert table.scale == (0.4, 0.8)
    assert [table.place(x) for x in (0.4, 0.5, 0.8)] == [0, 25, 100]
    assert Table("", ("run",), [("a",)]).scale == (0, 1)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_scale_of_one_point_is_not_empty(share):
    table = Table("", ("", ""), [("a", Interval(share, share, share))])
    assert 0 <= table.place(share) <= 100


@pytest.mark.parametrize(
    ("mean", "deviation", "text"),
    [(0.5, 0.01, "50.0 ± 1.0 %"), (0.5, None, "50.0 %"), (None, None, NONE)],
)
def test_spread_is_written_where_there_is_one(mean, deviation, text):
    assert spread({"n": 2, "mean": mean, "spread": deviation}) == text


def test_numbers_have_their_digits():
    assert number(1234.567, 1) == "1,234.6"
    assert number(None, 1) == NONE


def test_of_many_classes_the_worst_are_in_the_table():
    rows = [(f"bird {i}", percent(i / 999)) for i in range(201)]
    table = worst("Classes", ("class", "accuracy"), rows, "per_class.csv")
    assert table.rows == rows[:50]
    assert table.caption == "Classes; all 201 are in per_class.csv"
    assert table.count == "50 of 201"
    table = worst("Classes", ("class", "accuracy"), rows[:200], "a.csv")
    assert (table.rows, table.caption) == (rows[:200], "Classes")
    assert table.count == "200"
