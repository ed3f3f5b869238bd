"""Results of a grid with rows, and with a teacher of its students."""

import csv
import shutil

import pytest

from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.reproduce.results import GridResults


@pytest.fixture
def leave_rows(rows, leave_run, tmp_path):
    """A function that leaves the runs of all cells of the grid of rows."""

    def leave(data="/pictures", grid=rows, **more):
        results = GridResults(grid, tmp_path)
        for cell in results.missing():
            recipe = cell.recipe(grid, data, results.folder.absolute())
            leave_run(
                results.run(cell).path,
                recipe,
                euclidean=cell.euclidean,
                **more,
            )
        return GridResults(grid, tmp_path)

    return leave


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_line_of_another_grid_counts_but_for_what_a_teacher_taught(
    rows, leave_rows, tmp_path
):
    recipe = rows.recipe.with_options(data="{data}/birds")
    birds = rows.model_copy(update={"recipe": recipe})
    for grid in (birds, rows):
        leave_rows(grid=grid)
        leave_rows(grid=grid).write()
        shutil.rmtree(tmp_path / "rows")
        (tmp_path / "rows.csv").rename(tmp_path / f"{grid is birds}.csv")
    (tmp_path / "of_a_spreadsheet.csv").write_bytes(b"recipe,caf\xe9\n1,2\n")
    missing = GridResults(birds, tmp_path).missing()
    assert {cell.method for cell in missing} == {"taught", "large"}
    assert {cell.row for cell in missing} == {"px24"}
    # Another grid's {data} may have been any other folder.
    assert GridResults(rows, tmp_path).measured == {}


def test_a_teacher_that_is_only_a_line_is_trained_again(
    rows, leave_rows, tmp_path
):
    leave_rows()  # what is chosen names more
    leave_rows().write()
    taught = [cell for cell in leave_rows().cells() if cell.needs]
    shutil.rmtree(tmp_path / "rows")
    results = GridResults(rows, tmp_path)
    assert results.missing() == []  # all that is in the table is there
    del results.measured[taught[0].name]
    missing = [cell.name for cell in results.missing()]
    assert set(missing) == {taught[0].name, taught[0].needs}
    assert not results.is_ready(taught[0])


def test_rows_are_told_apart_in_the_files(leave_rows, tmp_path):
    leave_rows()
    results = leave_rows()
    assert results.missing() == []
    results.write()
    found = table(tmp_path / "rows.csv")
    assert len(found) == results.total == 20
    assert {row["row"] for row in found} == {"px24", "px32"}
    euclidean = [row for row in found if row["method"] == "euc"]
    assert {row["epochs"] for row in euclidean} == {"0"}
    assert {row["training_seconds"] for row in euclidean} == {"0.0"}
    text = (tmp_path / "rows.md").read_text()
    assert "| px24 | plain |  | 2 | 50.0 ± 0.0 | baseline |" in text
    assert "| px24 | taught |" in text
    assert "| px32 | taught |" not in text
    assert "| 42.50 | +7.5 | +2.50 |" in text  # of the paper


def test_a_student_waits_for_its_teacher(rows, leave_run, tmp_path):
    results = GridResults(rows, tmp_path)
    cells = {cell.name: cell for cell in results.missing()}
    student, teacher = cells["px24-taught-0"], cells["px24-large-0"]
    assert results.is_ready(teacher)
    assert not results.is_ready(student)
    leave_run(results.run(teacher).path, teacher.recipe(rows, "/pictures"))
    results.read_run(teacher)
    assert results.is_ready(student)


def test_the_run_folders_may_have_moved_with_the_teachers(
    leave_rows, rows, tmp_path
):
    leave_rows()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "rows").rename(tmp_path / "elsewhere" / "rows")
    results = GridResults(rows, tmp_path / "elsewhere")
    assert results.failed == {}
    assert "px24-taught-0" in results.measured


@pytest.mark.parametrize("rule", ["", "mean"])
def test_a_run_that_compares_otherwise_does_not_count(
    leave_rows, rows, tmp_path, rule
):
    leave_rows()
    more = {"euclidean": rule} if rule else {}
    folder = tmp_path / "rows" / "px24-euc-0"
    write_manifest(make_manifest(24, ["amber", "blue"], more), folder)
    results = GridResults(rows, tmp_path)
    assert list(results.failed) == ["px24-euc-0"]
    assert f"with euclidean='{rule}'" in results.failed["px24-euc-0"]


def test_all_that_was_measured_is_in_the_files(leave_rows, rows, tmp_path):
    grid = rows.model_copy(update={"measures": ("top_1", "top_3", "top_5")})
    curve = [{"resolution": n, "top_1": n / 100} for n in (16, 32)]
    leave_rows(grid=grid, top_3=0.75, resolutions=curve)
    results = leave_rows(grid=grid, top_3=0.75, resolutions=curve)
    digests = {
        (cell.row, cell.method): cell.digest(grid)
        for cell in results.cells()
        if cell.seed == grid.seeds[0]
    }
    (tmp_path / "rows-latency.csv").write_text(
        "row,method,milliseconds,bytes,recipe\n"
        f"px24,plain,1.250,1000,{digests['px24', 'plain']}\n"
        "px32,plain,9.000,1000,another\n"
    )
    results.write()
    row = table(tmp_path / "rows.csv")[0]
    assert (row["test_top_3"], row["test_top_5"]) == ("0.7500", "")
    assert (row["test at 16"], row["test at 32"]) == ("0.1600", "0.3200")
    (summary,) = [
        s
        for s in results.summaries()
        if (s["row"], s["method"]) == ("px24", "plain")
    ]
    assert summary["latency_ms"] == 1.25
    assert summary["resolutions"][32]["mean"] == 0.32
    text = (tmp_path / "rows.md").read_text()
    assert "| test top-3 | test top-5 |" in text
    assert "| ms | seconds per epoch | at 16 px | at 32 px |" in text


def test_a_student_does_not_count_if_its_teacher_was_another(
    leave_rows, rows, tmp_path
):
    leave_rows()
    large = {"image_size": 48, "dropout": 0.4}
    methods = rows.methods | {"large": large}
    results = GridResults(
        rows.model_copy(update={"methods": methods}), tmp_path
    )
    assert set(results.failed) == {
        *("px24-large-0", "px24-large-1", "px32-large-0", "px32-large-1"),
        *("px24-taught-0", "px24-taught-1"),
    }
    reason = "with teacher px24-large-0 of another recipe"
    assert results.failed["px24-taught-0"].endswith(reason)


def test_the_pictures_may_be_a_data_set_of_tfds(leave_rows, rows):
    recipe = rows.recipe.with_options(data="cub200:{data}")
    grid = rows.model_copy(update={"recipe": recipe})
    leave_rows("tfds:birds", grid=grid)
    results = leave_rows("tfds:birds", grid=grid)
    assert results.failed == {}
    assert len(results.measured) == results.total
