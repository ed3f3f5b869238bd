import csv
import importlib.resources

import pytest

from kerasfg.reproduce import estimate as grid_estimate
from kerasfg.reproduce.estimate import estimate
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.results import GridResults

PER_PICTURE = 0.25


@pytest.fixture
def timed(monkeypatch):
    """The recipes that are timed, each with the same result."""
    recipes = []

    def seconds_per_picture(recipe):
        recipes.append(recipe)
        return PER_PICTURE

    monkeypatch.setattr(
        grid_estimate, "_seconds_per_picture", seconds_per_picture
    )
    return recipes


@pytest.fixture
def run_estimate(rows, tmp_path):
    """A function that returns the estimates of a grid and the printed lines."""

    def run_estimate(pictures=40, grid=rows, jobs=1):
        results = GridResults(grid, tmp_path / "out")
        names = [cell.name for cell in results.missing()]
        lines = []
        pictures = dict.fromkeys(names, pictures)
        found = estimate(results, pictures, jobs, lines.append)
        return found, lines

    return run_estimate


def test_each_network_is_timed_once(rows, run_estimate, timed):
    recipe = rows.recipe.with_options(epochs=5, head_epochs=2)
    found, lines = run_estimate(grid=rows.model_copy(update={"recipe": recipe}))
    assert found[("px24", "plain")] == PER_PICTURE * 40 * 7
    assert set(found) == {
        (row, method)
        for row in ("px24", "px32")
        for method in rows.methods_of(row)
        if method != "euc"
    }
    # 24, 32 and 48 pixels, and two kinds of dropout at the first two.
    networks = [(r.data.image_size, r.model.dropout) for r in timed]
    assert len(networks) == len(set(networks)) == len(lines)
    assert {size for size, _ in networks} == {24, 32, 48}
    assert lines[0] == "Timing a few steps of px24-plain-0"


def test_trainings_that_share_the_cores_take_longer(rows, run_estimate, timed):
    (alone, _), (of_three, _) = run_estimate(), run_estimate(jobs=3)
    assert of_three == {key: 3 * seconds for key, seconds in alone.items()}


def test_what_it_took_before_is_not_timed(
    rows, run_estimate, timed, leave_run, tmp_path
):
    results = GridResults(rows, tmp_path / "out")
    for cell in results.missing():
        if cell.row == "px24" and cell.method in ("plain", "large", "euc"):
            leave_run(
                results.run(cell).path,
                cell.recipe(rows, "/pictures"),
                seconds=100 * (1 + cell.seed),
                euclidean=cell.euclidean,
            )
    found, lines = run_estimate(jobs=2)
    assert found[("px24", "plain")] == 150
    assert found[("px24", "large")] == 150
    assert ("px24", "euc") not in found  # it trains nothing
    assert "Timing a few steps of px24-taught-0" in lines


def packaged(name):
    file = importlib.resources.files("kerasfg.recipes") / "results" / name
    return list(csv.DictReader(file.read_text().splitlines()))


def test_ours_is_known_from_the_table_that_comes_with_it(run_estimate, timed):
    found, lines = run_estimate(grid=Grid.find("awa2_tiny32_methods"))
    assert timed == lines == []
    totals = {}
    for row in packaged("awa2_tiny32_methods.csv"):
        total, number = totals.get(row["method"], (0, 0))
        seconds = float(row["training_seconds"])
        totals[row["method"]] = total + seconds, number + 1
    for method, (total, number) in totals.items():
        assert found["", method] == pytest.approx(total / number)


@pytest.mark.parametrize(
    "changed",
    [{"scale": "full"}, {"scale": ""}, {"scale": "", "cells": "flowers17"}],
    ids=str,
)
def test_another_grid_of_that_name_is_timed(run_estimate, timed, changed):
    grid = Grid.find("awa2_tiny32_methods").model_copy(update=changed)
    found, _ = run_estimate(grid=grid)
    assert timed
    assert found["", "cross_entropy"] == PER_PICTURE * 40 * 12


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"attributes": "absent.csv", "attribute": ["warm"]},
        {"teacher": "absent"},
        {"class_variance": 0.1, "attention": True},
        {"optimizer": "adamw", "weights": "imagenet"},
    ],
    ids=str,
)
def test_a_step_is_timed_without_pictures_and_weights(
    small_network, recipe, options
):
    seconds = grid_estimate._seconds_per_picture(recipe.with_options(**options))
    assert 0 < seconds < 60
