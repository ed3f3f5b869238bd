"""The committed results are found: nothing of them would be trained anew."""

import csv
import importlib.resources

import pytest

from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.grid import grid_names
from kerasfg.reproduce.latencies import read_latencies
from kerasfg.reproduce.results import GridResults

RESULTS = importlib.resources.files("kerasfg.recipes") / "results"


def read_lines(name):
    file = RESULTS / name
    if not file.is_file():
        return []
    with open(file, newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


@pytest.mark.parametrize("name", grid_names("small"))
def test_each_line_is_of_a_training_of_the_grid(name):
    results = GridResults(Grid.find(name), RESULTS)
    lines = read_lines(f"{name}.csv")
    found = {
        cell.digest(results.grid)
        for cell in results.cells()
        if cell.name in results.measured
    }
    assert {line["recipe"] for line in lines} == found
    assert len(lines) == len(results.measured)
    assert results.failed == {}
    assert len(read_latencies(results)) == len(
        read_lines(f"{name}-latency.csv")
    )
