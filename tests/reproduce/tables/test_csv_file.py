import csv
import io

import pytest

from kerasfg.reproduce.tables.csv_file import from_csv
from kerasfg.reproduce.tables.csv_file import other_lines
from kerasfg.reproduce.tables.csv_file import to_csv


def row(values, confusion, **changed):
    return {
        "row": "",
        "method": "plain",
        "values": values,
        "seed": 0,
        "stage": "final",
        "epochs": 12,
        "val_accuracy": 0.61234,
        "test_accuracy": 2 / 3,
        "test_balanced": None,
        "test_top_3": 0.75,
        "test_top_5": None,
        "test_nll": 1.5,
        "confusion": confusion,
        "resolutions": {},
        "training_seconds": 61.25,
        "seconds_per_epoch": 5.0,
        "recipe": "abc",
    } | changed


def test_a_training_lacks_the_columns_of_others():
    text = to_csv(
        [
            row({}, {"wings": 0.25}),
            row({"margin": 1.0}, {"wings": None, "a,b": 1}, stage="tuning"),
            row({"ema": 0.9, "margin": 2.0}, {}, seed=1),
        ]
    )
    first, *others = csv.DictReader(io.StringIO(text))
    assert first == {
        "method": "plain",
        "margin": "",
        "ema": "",
        "seed": "0",
        "stage": "final",
        "epochs": "12",
        "val_accuracy": "0.6123",
        "test_accuracy": "0.6667",
        "test_top_3": "0.7500",
        "test_top_5": "",
        "test_nll": "1.5000",
        "confused: wings": "0.2500",
        "confused: a,b": "",
        "training_seconds": "61.2",
        "seconds_per_epoch": "5.0",
        "recipe": "abc",
    }
    assert [other["margin"] for other in others] == ["1.0", "2.0"]
    assert [other["confused: wings"] for other in others] == ["", ""]
    assert [other["confused: a,b"] for other in others] == ["1.0000", ""]


def test_rows_and_resolutions_have_columns_where_there_are_any():
    text = to_csv(
        [
            row({}, {}, row="px32", resolutions={64: 0.5}),
            row({}, {}, row="px64", resolutions={64: 0.75, 8: 0.125}),
        ]
    )
    first, second = csv.DictReader(io.StringIO(text))
    assert list(first)[:2] == ["row", "method"]
    assert (first["row"], second["row"]) == ("px32", "px64")
    columns = [name for name in first if name.startswith("test at ")]
    assert columns == ["test at 8", "test at 64"]
    assert [first[name] for name in columns] == ["", "0.5000"]
    assert [second[name] for name in columns] == ["0.1250", "0.7500"]


def test_what_was_measured_is_read_again():
    first = row({}, {"wings": 0.25}, resolutions={8: 0.125})
    second = row({"margin": 1.0}, {}, test_accuracy=0.5, recipe="def")
    without = row({}, {}, recipe="")
    found = from_csv(to_csv([first, second, without]))
    assert list(found) == ["abc", "def"]
    for mine, theirs in zip(found.values(), (first, second), strict=True):
        for key, value in mine.items():
            if isinstance(value, float):  # four digits, one of seconds
                assert value == pytest.approx(theirs[key], abs=0.051)
            else:
                assert value == theirs[key]
    assert found["abc"]["test_accuracy"] == 0.6667


def test_balanced_accuracy_has_a_column_where_it_was_measured():
    measured = row({}, {}, test_balanced=0.51239, recipe="def")
    text = to_csv([row({}, {}), measured])
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["test_balanced"], second["test_balanced"]) == ("", "0.5124")
    found = from_csv(text)
    assert found["abc"]["test_balanced"] is None
    assert found["def"]["test_balanced"] == 0.5124
    assert "test_balanced" not in to_csv([row({}, {})])


@pytest.mark.parametrize("text", ["", "recipe\nabc\n", "a;b\n1;2\n"])
def test_what_another_program_wrote_is_left_alone(text):
    assert from_csv(text) == {}


def test_without_a_training_there_are_only_headers():
    assert to_csv([]).count("\n") == 1


def test_lines_of_other_trainings_stay_after_the_others():
    old = to_csv(
        [
            row({"margin": 1.0}, {"wings": 0.25}, row="px32"),
            row({"margin": 2.0}, {"wings": 0.5}, row="px32", recipe="def"),
        ]
    )
    own = row({"ema": 0.9}, {}, resolutions={8: 0.125})
    others = other_lines([own], old + old.splitlines()[-1] + "\n")
    text = to_csv([own], others)
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["ema"], first["margin"], first["row"]) == ("0.9", "", "")
    assert second["recipe"] == "def"
    assert second["row"] == "px32"
    assert (second["margin"], second["ema"]) == ("2.0", "")
    assert (second["confused: wings"], second["test at 8"]) == ("0.5000", "")
    assert to_csv([own], other_lines([own], text)) == text
    assert other_lines([own], "recipe\nof_another_program\n") == []
