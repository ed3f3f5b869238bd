"""A grid with rows, some of whose methods have a teacher."""

import shutil

import pytest
from stand_ins import Process


def test_a_teacher_is_trained_before_its_student(run, rows):
    results, _ = run(grid=rows, jobs=3)
    assert results.failed == {}
    order = Process.trained
    assert len(order) == len(results.measured) == 20
    assert order.index("px24-large-0") < order.index("px24-taught-0")
    assert order.index("px24-large-1") < order.index("px24-taught-1")
    assert "euclidean" in results.run(results.cells()[0]).read_manifest()


def test_a_student_fails_with_its_teacher_and_no_other_does(
    run, rows, tmp_path
):
    results, lines = run(grid=rows, fails=("px24-large-1",))
    assert "px24-taught-1" not in Process.trained
    assert set(results.failed) == {"px24-large-1", "px24-taught-1"}
    assert lines[-1] == (
        "Failed: px24-taught-1: px24-large-1, its teacher, failed"
    )
    assert len(results.measured) == 18
    table = (tmp_path / "out" / "rows.md").read_text()
    assert "Failed: `px24-taught-1`: px24-large-1, its teacher" in table
    run(grid=rows)
    assert Process.trained == ["px24-large-1", "px24-taught-1"]


@pytest.mark.timeout(120)
def test_a_teacher_on_record_that_fails_is_not_trained_for_ever(
    run, rows, tmp_path
):
    run(grid=rows)
    shutil.rmtree(tmp_path / "out" / "rows")
    file = tmp_path / "out" / "rows.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(x for x in lines if ",taught," not in x))
    results, lines = run(grid=rows, fails=("px24-large-1",))
    assert Process.trained == ["px24-large-0", "px24-taught-0", "px24-large-1"]
    assert set(results.failed) == {"px24-large-1", "px24-taught-1"}
    assert lines[-1].endswith("px24-large-1, its teacher, failed")


def test_a_student_of_an_earlier_teacher_does_not_count(run, rows, tmp_path):
    run(grid=rows)
    large = {"image_size": 48, "dropout": 0.4}
    methods = rows.methods | {"large": large}
    grid = rows.model_copy(update={"methods": methods})
    for folder in (tmp_path / "out" / "rows").glob("*-large-*"):
        shutil.rmtree(folder)
    results, _ = run(grid=grid)
    assert {name.split("-")[1] for name in Process.trained} == {"large"}
    assert set(results.failed) == {"px24-taught-0", "px24-taught-1"}
    for name in results.failed:
        shutil.rmtree(results.folder / name)
    results, _ = run(grid=grid)
    assert results.failed == {}
    assert Process.trained == ["px24-taught-0", "px24-taught-1"]


def test_rows_that_are_not_wanted_are_not_trained(run, rows, tmp_path):
    results, lines = run(grid=rows, rows=["px32"])
    assert {name.split("-")[0] for name in Process.trained} == {"px32"}
    assert lines[0].startswith(f"rows: {len(Process.trained)} trainings, 0 of")
    assert results.missing() == []
    # The table has them all the same.
    assert "| px24 |" in (tmp_path / "out" / "rows.md").read_text()
    run(grid=rows, rows=["px24"])
    assert {name.split("-")[0] for name in Process.trained} == {"px24"}


def test_the_pictures_of_each_cell_are_counted(run, rows):
    keys = {**rows.rows["px24"], "train_share": 0.5}
    grid = rows.model_copy(update={"rows": {**rows.rows, "px24": keys}})
    run(grid=grid)
    # Of 36 pictures 22 are to be trained on: 8, 7 and 7, and 4 of each class.
    assert Process.pictures["px24-plain-0"] == 12
    assert Process.pictures["px32-plain-0"] == 21
