"""Reads the results of trainings and exports in `recipes/results`."""

import csv
import functools
import re
from pathlib import Path

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.grid import find_grid_file
from kerasfg.reproduce.grid import read_grid_file

# Test pictures of each data set, whose names begin those of the rows.
TEST_PICTURES = {"birds": 625, "flowers": 340, "awa2": 400, "dogs": 400}


class Records:
    """The results of one folder.

    Args:
        folder: A folder with `NAME.csv` of grids, `NAME-latency.csv`, and
            other tables as CSV or Markdown.

    Example:

    >>> import importlib.resources
    >>> folder = importlib.resources.files("kerasfg.recipes") / "results"
    >>> Records(folder).accuracy("field_guide", "", "cross_entropy")["n"]
    3
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.lines = functools.cache(self._lines)

    def accuracy(self, grid, row, method, key="test_accuracy"):
        """Returns `n`, `mean` and `spread` over the seeds of one method."""
        found = self.by_seed(grid, row, method, key)
        return mean_and_spread(list(found.values()))

    def difference(self, grid, row, method, baseline, key="test_accuracy"):
        """Summarizes differences between trainings with the same seed.

        Returns:
            Dictionary with `n`, `mean`, `spread`, and `better`, the number of
            seeds in which the method is ahead.
        """
        own = self.by_seed(grid, row, method, key)
        other = self.by_seed(grid, row, baseline, key)
        values = [own[seed] - other[seed] for seed in own if seed in other]
        better = sum(value > 0 for value in values)
        return {**mean_and_spread(values), "better": better}

    def by_seed(self, grid, row, method, key="test_accuracy"):
        """Returns a dictionary from the seeds of final trainings to numbers."""
        return {
            int(line["seed"]): float(line[key])
            for line in self.lines(f"{grid}.csv")
            if line["stage"] == "final"
            and (line.get("row", ""), line["method"]) == (row, method)
            and line.get(key)
        }

    def latency(self, grid, row, method):
        """Returns a line of `NAME-latency.csv`, or `None`."""
        for line in self.lines(f"{grid}-latency.csv"):
            if (line["row"], line["method"]) == (row, method):
                return line
        return None

    def printed(self, grid, row, method):
        """Returns the percentage or the gain that a paper prints.

        Returns:
            A pair: the gain over the grid's baseline as a number of points, a
            text such as `"over 5"`, or `None`; and the percentage, or `None`.
        """
        values = _grid(grid)
        paper = values.get("paper", {}).get(row, {})
        own, other = (
            number.get("top_1") if isinstance(number, dict) else number
            for number in (paper.get(method), paper.get(values["baseline"]))
        )
        text = values.get("paper_gains", {}).get(row, {}).get(method)
        if None in (own, other):
            return text, own
        return text or own - other, own

    def markdown(self, name):
        """Returns the first table of a Markdown file, a dictionary a line."""
        table = [
            re.split(r"\s*\|\s*", line.strip().strip("|").strip())
            for line in (self.folder / name).read_text("utf-8").splitlines()
            if line.startswith("|")
        ]
        head, _, *lines = table
        return [dict(zip(head, line, strict=False)) for line in lines]

    def _lines(self, name):
        file = self.folder / name
        if not file.exists():  # not trained yet
            return []
        return list(csv.DictReader(file.read_text("utf-8").splitlines()))


@functools.cache
def _grid(name):
    return read_grid_file(find_grid_file(name, "small"))


def count_test_pictures(row):
    """Returns the number of test pictures of a row of a grid.

    Args:
        row: Name that begins with a data set's, such as `"birds_32"`.
    """
    for name, number in TEST_PICTURES.items():
        if row.startswith(name):
            return number
    raise ValueError(
        "The row must begin with one of "
        f"{', '.join(TEST_PICTURES)}. Received: row={row!r}"
    )
