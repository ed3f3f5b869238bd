import csv
import json
import shutil

import pytest

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


def test_a_follower_finds_the_trainings_of_the_other(leave, tmp_path):
    leave()
    (tmp_path / "follower.toml").write_text('cells_of = "colours"\n')
    follower = Grid.from_toml(tmp_path / "follower.toml")
    results = GridResults(follower, tmp_path)
    assert len(results.measured) == 4
    results.write()
    assert (tmp_path / "follower.md").exists()
    assert not (tmp_path / "colours.md").exists()


@pytest.mark.parametrize(
    ("scale", "command"),
    [("small", "results --data"), ("full", "results --scale full --data")],
)
def test_table_names_the_command_of_its_scale(tmp_path, scale, command):
    grid = Grid.find("results").model_copy(update={"scale": scale})
    GridResults(grid, tmp_path).write()
    text = (tmp_path / "results.md").read_text()
    assert f"`kerasfg reproduce {command} DIR`, where DIR is a folder" in text


def test_table_names_no_path(grid, tmp_path):
    recipe = grid.recipe.with_options(data="field_guide")
    GridResults(grid.model_copy(update={"recipe": recipe}), tmp_path).write()
    text = (tmp_path / "colours.md").read_text()
    assert "Written by `kerasfg reproduce colours`, of three colours." in text
