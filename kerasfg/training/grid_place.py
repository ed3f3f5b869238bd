"""Where the pictures of a grid are, as it says or as it is told."""

import re
from pathlib import Path

from kerasfg.data.published.catalog import split_place
from kerasfg.data.published.catalog import with_absolute_folder
from kerasfg.training.train import with_absolute_paths


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
    own = grid.recipe.data.data
    if data and not is_told(grid) and str(data) != own:
        raise ValueError(
            f"The grid {grid.name} says itself where its pictures are, without "
            f"{{data}}: leave out --data. Received: data={str(data)!r}"
        )
    data = str(data or ("" if "{data}" in own else own))
    if data == "field_guide" or data.startswith("tfds:"):
        return data
    if split_place(data):
        return with_absolute_folder(data)
    if not data and not (needed and is_told(grid)):
        return None
    if not data or not Path(data).is_dir():
        raise ValueError(
            f"The grid {grid.name} must be told by --data where its pictures "
            f"are, which are {grid.data}. Received: data={data!r}"
        )
    return str(Path(data).absolute())


def is_told(grid):
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
        cell: A `kerasfg.training.grid_cell.Cell`.
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
