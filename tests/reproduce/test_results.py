import csv
import json
import shutil

import pytest

from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.results import GridResults


@pytest.fixture
def leave(grid, leave_run, tmp_path):
    """A function that leaves the runs of all cells that can be named."""

    def leave(accuracies=None, data="/pictures"):
        accuracies = accuracies or {}
        results = GridResults(grid, tmp_path)
        for cell in results.missing():
            val_accuracy = accuracies.get(cell.name, 0.5)
            folder = results.run(cell).path
            leave_run(folder, cell.recipe(grid, data), val_accuracy)
        return GridResults(grid, tmp_path)

    return leave


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


def test_goes_from_trials_to_the_table(leave, tmp_path):
    results = leave({"tuned-dropout=0.3-3": 0.75})
    assert len(results.missing()) == 3  # now it is known what to train
    results = leave()
    assert results.missing() == []
    assert results.total == 2 + 3 + 2
    results.write()
    rows = table(tmp_path / "colours.csv")
    assert [
        (r["method"], r["dropout"], r["seed"], r["stage"]) for r in rows
    ] == [
        ("plain", "", "3", "final"),
        ("tuned", "0.1", "3", "tuning"),
        ("tuned", "0.3", "3", "final"),
        ("both", "0.3", "3", "final"),
        ("plain", "", "1", "final"),
        ("tuned", "0.3", "1", "final"),
        ("both", "0.3", "1", "final"),
    ]
    assert rows[2]["val_accuracy"] == "0.7500"
    assert rows[2]["test_nll"] == "1.2500"
    assert rows[2]["confused: wings"] == "0.2500"
    assert rows[2]["epochs"] == "1"
    assert rows[2]["training_seconds"] == rows[2]["seconds_per_epoch"] == "2.0"
    text = (tmp_path / "colours.md").read_text()
    assert text.startswith("# A grid for tests\n")
    assert "| tuned | dropout 0.3 (of 0.1, 0.3) | 2 |" in text
    assert "`kerasfg reproduce colours --data DIR`" in text
    assert "so far" not in text


def test_a_table_that_is_not_complete_says_so(leave, tmp_path):
    leave().write()
    assert "Trainings so far: 4 of 7." in (tmp_path / "colours.md").read_text()


def test_methods_that_are_not_wanted_stay_in_the_table(leave, grid, tmp_path):
    leave()
    results = GridResults(grid, tmp_path, methods=["both"])
    assert [c.name for c in results.missing()] == [
        "both-dropout=0.1-3",
        "both-dropout=0.1-1",
    ]
    assert results.total == 2 + 2
    assert {row["method"] for row in results.rows()} == {"plain", "tuned"}


def test_an_interrupted_training_is_missing(leave, grid, tmp_path):
    leave()
    (tmp_path / "colours" / "plain-3" / "kerasfg.json").unlink()
    results = GridResults(grid, tmp_path)
    assert "plain-3" in [cell.name for cell in results.missing()]
    assert results.failed == {}


def test_a_line_of_the_table_counts_without_its_run_folder(
    leave, grid, tmp_path
):
    leave().write()
    shutil.rmtree(tmp_path / "colours")
    results = GridResults(grid, tmp_path)
    assert len(results.measured) == 4
    before = (tmp_path / "colours.csv").read_text()
    results.write()
    assert (tmp_path / "colours.csv").read_text() == before
    longer = grid.recipe.with_options(epochs=2)
    other = grid.model_copy(update={"recipe": longer})
    assert GridResults(other, tmp_path).measured == {}


def test_lines_of_other_seeds_stay_in_the_file(leave, grid, tmp_path):
    leave().write()
    shutil.rmtree(tmp_path / "colours")
    before = table(tmp_path / "colours.csv")
    fewer = GridResults(grid.with_seeds(1), tmp_path)
    for _ in range(2):
        fewer.write()
        found = table(tmp_path / "colours.csv")
        assert [row["seed"] for row in found] == ["3", "3", "3", "1"]
        assert sorted(map(str, found)) == sorted(map(str, before))
    assert {row["seed"] for row in fewer.rows()} == {3}
    assert len(GridResults(grid, tmp_path).measured) == 4


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


def test_the_pictures_may_have_moved(leave, grid, tmp_path):
    leave(data="/elsewhere")
    assert len(GridResults(grid, tmp_path).measured) == 4


def test_a_run_by_another_recipe_does_not_count(leave, grid, tmp_path):
    leave()
    longer = grid.recipe.with_options(epochs=2)
    other = grid.model_copy(update={"recipe": longer})
    results = GridResults(other, tmp_path)
    assert results.rows() == []
    assert set(results.failed) == {
        "plain-3",
        "plain-1",
        "tuned-dropout=0.1-3",
        "tuned-dropout=0.3-3",
    }
    assert "with epochs=1" in results.failed["plain-1"]
    results.write()
    assert "\nFailed: `plain-1`: The" in (tmp_path / "colours.md").read_text()


def test_a_report_that_cannot_be_read_does_not_count(leave, grid, tmp_path):
    leave()
    report = tmp_path / "colours" / "plain-3" / "report.json"
    report.write_text(json.dumps({"format": 0}))
    results = GridResults(grid, tmp_path)
    assert list(results.failed) == ["plain-3"]
    assert "The report must have format 1" in results.failed["plain-3"]


# === Rows, teachers, distances and other resolutions ===


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
    assert "| 42.5 | +7.5 | +2.5 |" in text  # of the paper


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


def test_a_follower_finds_the_trainings_of_the_other(leave, tmp_path):
    leave()
    (tmp_path / "follower.toml").write_text('cells_of = "colours"\n')
    follower = Grid.from_toml(tmp_path / "follower.toml")
    results = GridResults(follower, tmp_path)
    assert len(results.measured) == 4
    results.write()
    assert (tmp_path / "follower.md").exists()
    assert not (tmp_path / "colours.md").exists()


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


@pytest.mark.parametrize(
    ("scale", "command"),
    [("small", "results --data"), ("full", "results --scale full --data")],
)
def test_the_table_tells_the_command_of_its_scale(tmp_path, scale, command):
    grid = Grid.find("results").model_copy(update={"scale": scale})
    GridResults(grid, tmp_path).write()
    text = (tmp_path / "results.md").read_text()
    assert f"`kerasfg reproduce {command} DIR`, where DIR is a folder" in text


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


def test_the_table_tells_no_place_of_pictures_that_the_grid_has(grid, tmp_path):
    recipe = grid.recipe.with_options(data="field_guide")
    GridResults(grid.model_copy(update={"recipe": recipe}), tmp_path).write()
    text = (tmp_path / "colours.md").read_text()
    assert "Written by `kerasfg reproduce colours`, of three colours." in text
