import io

import pytest
from rich.console import Console

from kerasfg.evaluation import read_report
from kerasfg.reproduce import measurements as grid_curves
from kerasfg.reproduce.measurements import measure_curves
from kerasfg.reproduce.results import GridResults


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120)


@pytest.mark.slow
def test_each_model_is_tested_once_at_each_resolution(
    bird_results, console, monkeypatch
):
    results = bird_results("resolutions = [8, 12, 16]")
    before = results.measured["plain-0"]
    assert before["resolutions"] == {}
    measure_curves(results, None, console)
    assert console.file.getvalue().splitlines() == [
        "Testing plain-0",
        "Testing helped-0",
    ]
    for name in ("plain-0", "helped-0"):
        curve = results.measured[name]["resolutions"]
        assert list(curve) == [8, 12, 16]
        assert curve[16] == results.measured[name]["test_accuracy"]
    after = dict(results.measured["plain-0"])
    assert {**after, "resolutions": {}} == before
    helped = read_report(results.folder / "helped-0" / "report.json")
    assert helped["test"]["attributes"]  # nothing is lost

    monkeypatch.setattr(grid_curves, "TrainedRun", None)
    measure_curves(bird_results(), None, console)
    assert results.summaries()[0]["resolutions"][8]["n"] == 1


@pytest.mark.slow
def test_more_resolutions_are_tested_with_the_others(bird_results, console):
    measure_curves(bird_results("resolutions = [8]"), None, console)
    results = bird_results("resolutions = [8, 16]")
    measure_curves(results, None, console)
    assert list(results.measured["plain-0"]["resolutions"]) == [8, 16]


def test_what_is_not_trained_is_not_tested(rows, console, leave_run, tmp_path):
    grid = rows.model_copy(update={"resolutions": (8,)})
    results = GridResults(grid, tmp_path / "out")
    cell = results.missing()[0]
    assert cell.euclidean
    recipe = cell.recipe(grid, "/pictures")
    leave_run(results.run(cell).path, recipe, euclidean=cell.euclidean)
    measure_curves(GridResults(grid, tmp_path / "out"), None, console)
    assert console.file.getvalue() == ""


def test_the_pictures_may_have_moved(bird_results, console, monkeypatch):
    class Run:
        def __init__(self, path, data, verbose):
            places.append(data)

        def resolution_curve(self, resolutions):
            return []

        def evaluate(self, resolutions):
            pass

    places = []
    monkeypatch.setattr(grid_curves, "TrainedRun", Run)
    results = bird_results("resolutions = [8]")
    text = results.grid.recipe.with_options(data="{data}/birds")
    results.grid = results.grid.model_copy(update={"recipe": text})
    measure_curves(results, "/now", console)
    measure_curves(results, None, console)
    assert places == ["/now/birds", "/now/birds", None, None]
