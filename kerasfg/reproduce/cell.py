"""One training of a grid, and where its pictures are."""

import dataclasses
import hashlib
import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

from kerasfg.config.places import with_absolute_paths
from kerasfg.data.sources.published.catalog import split_place
from kerasfg.data.sources.published.catalog import with_absolute_folder


@dataclasses.dataclass(frozen=True)
class Cell:
    """One training of a grid.

    Attributes:
        method: The method's name.
        seed: Of the training.
        options: All that row and method change in the common recipe.
        values: Those of the options that are tuned or taken from another
            method.
        final: Whether the values are the chosen ones, so that the training
            counts in the table.
        row: Name of the row, `""` in a grid without rows.
        euclidean: How pictures are compared in place of a training, or `""`.
        teacher: The `Cell` that has to end before, or `None`.
    """

    method: str
    seed: int
    options: dict[str, Any]
    values: dict[str, Any]
    final: bool = False
    row: str = ""
    euclidean: str = ""
    teacher: "Cell | None" = None

    @property
    def needs(self):
        """Name of the teacher, or `""`."""
        return self.teacher.name if self.teacher else ""

    @property
    def name(self):
        """Name of the run folder: row, method, values and seed."""
        values = [
            f"{key}={urllib.parse.quote(str(value), safe='')}"
            for key, value in self.values.items()
        ]
        row = [self.row] if self.row else []
        return "-".join([*row, self.method, *values, str(self.seed)])

    def recipe(self, grid, data, runs="{runs}"):
        """Returns the `Recipe` to train by.

        Args:
            grid: The `Grid`.
            data: Where the pictures are, for `{data}`.
            runs: Folder of the run folders, for the teacher's.
        """
        options = self.options | {"seed": self.seed}
        if self.needs:
            options["teacher"] = f"{{runs}}/{self.needs}"
        return grid.recipe_at(data, runs, **options)

    def digest(self, grid):
        """Returns a short text that is another for any other training.

        So it is for that of another teacher.
        """
        facts = [self.recipe(grid, "{data}").values(), self.euclidean]
        if self.teacher:
            facts.append(self.teacher.digest(grid))
        text = json.dumps(facts, sort_keys=True).encode()
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def place(self, grid, data):
        """Returns where its pictures are, or `None` if `data` is `None`."""
        return None if data is None else self.recipe(grid, data).data.path


def locate(grid, data, needed):
    """Returns the place of a grid's pictures.

    Args:
        grid: A `Grid`.
        data: What takes the place of `{data}`, or `None`.
        needed: Whether the pictures have to be there.

    Returns:
        Text, as in a recipe, with an absolute folder; `None` if nobody says
        where they are, and nobody has to.

    Raises:
        ValueError: If they are needed and not there, or `data` is given to a
            grid that has no `{data}`.
    """
    own = grid.recipe.data.path
    if data and not needs_data_folder(grid) and str(data) != own:
        raise ValueError(
            f"The grid {grid.name} says itself where its pictures are, without "
            f"{{data}}: leave out --data. Received: data={str(data)!r}"
        )
    data = str(data or ("" if "{data}" in own else own))
    if data == "field_guide" or data.startswith("tfds:"):
        return data
    if split_place(data):
        return with_absolute_folder(data)
    if not data and not (needed and needs_data_folder(grid)):
        return None
    if not data or not Path(data).is_dir():
        raise ValueError(
            f"The grid {grid.name} must be told by --data where its pictures "
            f"are, which are {grid.data}. Received: data={data!r}"
        )
    return str(Path(data).absolute())


def needs_data_folder(grid):
    """Returns whether a text of a row or a method has `{data}`."""
    recipes = [
        grid.recipe_at("{data}", **grid.options_of(row))
        for row in grid.rows or [""]
    ]
    return "{data}" in str([recipes, grid.methods])


def recipe_to_train(cell, grid, data, runs):
    """Returns the recipe of a cell as its run folder has it.

    A path in the grid's file is one from the working directory; it is made
    absolute.

    Args:
        cell: A `kerasfg.reproduce.cell.Cell`.
        grid: The `Grid`.
        data: Where the pictures are, for `{data}`.
        runs: Folder of the run folders, for the teacher's.
    """
    return with_absolute_paths(cell.recipe(grid, data, runs))


def place_in(pattern, text):
    """Returns what stands in a text where a pattern has `{data}`.

    Example:

    >>> place_in("awa2:{data}", "awa2:/pictures")
    '/pictures'
    """
    expression = re.escape(pattern).replace(re.escape("{data}"), "(.*)")
    match = re.fullmatch(expression, text)
    return match[1] if match and match.groups() else text
