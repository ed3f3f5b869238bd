import pytest

from kerasfg.reproduce.measurements import measure
from kerasfg.run.run_folder import RunFolder


def test_measurements_for_a_table(leave_run, recipe, tmp_path):
    run = RunFolder(tmp_path / "run")
    leave_run(
        run.path,
        recipe,
        0.5,
        170 / 204,  # a record of it has four digits
        top_3=2 / 3,
        balanced_accuracy=2 / 3,
        resolutions=[{"resolution": 8, "top_1": 1 / 3}],
    )
    run.history.write_text("epoch,seconds\n1,9\n2,4\n3,2\n")
    assert measure(run) == {
        "epochs": 3,
        "val_accuracy": 0.5,
        "test_accuracy": 0.8333,
        "test_balanced": 0.6667,
        "test_top_3": 0.6667,
        "test_top_5": None,
        "test_nll": 1.25,
        "confusion": {"wings": 0.25},
        "resolutions": {8: 0.3333},
        "training_seconds": 15.0,
        "seconds_per_epoch": 4.0,  # the median: the first one compiles
    }


def test_where_nothing_is_trained_there_is_no_time(leave_run, recipe, tmp_path):
    run = RunFolder(tmp_path / "run")
    leave_run(run.path, recipe, euclidean="mean")
    measured = measure(run)
    assert measured["epochs"] == 0
    assert measured["training_seconds"] == 0
    assert measured["seconds_per_epoch"] == 0


def test_a_report_of_another_kind_is_refused(leave_run, recipe, tmp_path):
    run = RunFolder(tmp_path / "run")
    leave_run(run.path, recipe)
    run.report.write_text("{}")
    with pytest.raises(ValueError, match="must have format 1"):
        measure(run)
