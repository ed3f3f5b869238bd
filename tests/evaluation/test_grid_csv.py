import csv
import io

from kerasfg.evaluation.grid_csv import to_csv


def row(values, confusion, **changed):
    return {
        "method": "plain",
        "values": values,
        "seed": 0,
        "stage": "final",
        "epochs": 12,
        "val_accuracy": 0.61234,
        "test_accuracy": 2 / 3,
        "test_nll": 1.5,
        "confusion": confusion,
        "training_seconds": 61.25,
        "seconds_per_epoch": 5.0,
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
        "test_nll": "1.5000",
        "confused: wings": "0.2500",
        "confused: a,b": "",
        "training_seconds": "61.2",
        "seconds_per_epoch": "5.0",
    }
    assert [other["margin"] for other in others] == ["1.0", "2.0"]
    assert [other["confused: wings"] for other in others] == ["", ""]
    assert [other["confused: a,b"] for other in others] == ["1.0000", ""]


def test_without_a_training_there_are_only_headers():
    assert to_csv([]).count("\n") == 1
