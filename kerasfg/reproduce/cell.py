"""A cell: one training of a grid, and the place of its pictures."""

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
        seed: Seed of the training.
        options: Options by which row and method change the common recipe.
        values: The options among them that are tuned or taken from another
            method.
        final: Whether the values are the chosen ones, so that the training
            counts in the table.
        row: Name of the row; `""` in a grid without rows.
        euclidean: Rule by which features are compared instead of a training,
            or `""`.
        teacher: The `Cell` whose model is the teacher, or `None`.
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
        """Returns the `Recipe` of the training.

        Args:
            grid: The `Grid`.
            data: Place of the pictures, for `{data}`.
            runs: Folder of the run folders, for the run of the teacher.
        """
        options = self.options | {"seed": self.seed}
        if self.needs:
            options["teacher"] = f"{{runs}}/{self.needs}"
        return grid.recipe_at(data, runs, **options)

    def digest(self, grid):
        """Returns a hash of the recipe, including the teacher's."""
        content = [self.recipe(grid, "{data}").identity(), self.euclidean]
        if self.teacher:
            content.append(self.teacher.digest(grid))
        text = json.dumps(content, sort_keys=True).encode()
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def place(self, grid, data):
        """Returns the place of its pictures; `None` if `data` is `None`."""
        return None if data is None else self.recipe(grid, data).data.path


def locate(grid, data, needed):
    """Returns the place of a grid's pictures.

    Args:
        grid: A `Grid`.
        data: Text that replaces `{data}`, or `None`.
        needed: Whether the pictures must be found.

    Returns:
        Text as in a recipe, with an absolute folder; `None` if the place is
        neither given nor needed.

    Raises:
        ValueError: If they are needed and not found, or `data` is given for a
            grid without `{data}`.
    """
    own = grid.recipe.data.path
    if data and not needs_data_folder(grid) and str(data) != own:
        raise ValueError(
            f"The grid {grid.name} names its own pictures: leave out --data. "
            f"Received: data={str(data)!r}"
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
            f"The grid {grid.name} needs --data, the place of its pictures: "
            f"{grid.data}. Received: data={data!r}"
        )
    return str(Path(data).absolute())


def needs_data_folder(grid):
    """Returns whether a row or a method of the grid contains `{data}`."""
    recipes = [
        grid.recipe_at("{data}", **grid.options_of(row))
        for row in grid.rows or [""]
    ]
    return "{data}" in str([recipes, grid.methods])


def recipe_to_train(cell, grid, data, runs):
    """Returns the recipe of a cell as written to its run folder.

    Relative paths in the grid's file start at the working directory; they are
    made absolute.

    Args:
        cell: A `kerasfg.reproduce.cell.Cell`.
        grid: The `Grid`.
        data: Place of the pictures, for `{data}`.
        runs: Folder of the run folders, for the run of the teacher.
    """
    return with_absolute_paths(cell.recipe(grid, data, runs))


def place_in(pattern, text):
    """Returns the part of a text that matches `{data}` in a pattern.

    Example:

    >>> place_in("awa2:{data}", "awa2:/pictures")
    '/pictures'
    """
    expression = re.escape(pattern).replace(re.escape("{data}"), "(.*)")
    match = re.fullmatch(expression, text)
    return match[1] if match and match.groups() else text
