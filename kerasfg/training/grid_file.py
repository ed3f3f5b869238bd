"""Where the files of grids lie, and one that follows another."""

import importlib.resources
import re
from pathlib import Path

from kerasfg.training.toml_file import read_toml

SCALES = ("small", "full")


def grid_names(scale):
    """Returns the names of the grids that come with the package, sorted."""
    return sorted(_ours(scale))


def find_grid_file(name, scale):
    """Returns the path of a grid's TOML file.

    Args:
        name: A path, or the name of a grid that comes with the package.
        scale: One of `SCALES`, for the latter.

    Raises:
        ValueError: If there is neither.
    """
    if scale not in SCALES:
        raise ValueError(
            f"scale must be one of {', '.join(SCALES)}. "
            f"Received: scale={scale!r}"
        )
    if Path(name).is_file():
        return Path(name)
    ours = _ours(scale)
    if str(name) in ours:
        return ours[str(name)]
    others = [s for s in SCALES if s != scale and str(name) in _ours(s)]
    there = f" (there is one with --scale {others[0]})" if others else ""
    raise ValueError(
        f"A grid must be a TOML file or one of {', '.join(sorted(ours))}"
        f"{there}. Received: grid={str(name)!r}, scale={scale!r}"
    )


def read_grid_file(filepath):
    """Reads a grid's file as plain values.

    With `cells_of = "NAME"` it follows the grid `NAME` beside it: it has all
    that is in there, and its trainings, but for the keys that it gives itself.

    Args:
        filepath: A TOML file.

    Returns:
        Dictionary, with `name` and `cells`.

    Raises:
        ValueError: If it is not TOML, its `cells` would be no folder in `OUT`,
            or there is no such grid beside it.
    """
    filepath = Path(filepath)
    values = read_toml(filepath, "grid")
    own = {"name": filepath.stem}
    if "cells" in values:
        _check_cells(values["cells"], filepath)
    followed = values.pop("cells_of", None)
    if followed is None:
        return {"cells": filepath.stem, **values, **own}
    other = filepath.with_name(f"{followed}.toml")
    fixed = sorted({"recipe", "rows", "methods", "cells"} & set(values))
    given = read_toml(other, "grid") if other.is_file() else {"cells_of": ""}
    if fixed or "cells_of" in given:
        raise ValueError(
            "cells_of must name a grid beside this one that has trainings of "
            "its own, whose recipe, rows and methods it has. "
            f"Received: cells_of={followed!r}, in {filepath}"
            + "".join(f", with {key}" for key in fixed)
        )
    return {**read_grid_file(other), **values, **own}


def _check_cells(cells, filepath):
    if not re.fullmatch("[a-z0-9_]+", str(cells)):
        raise ValueError(
            "cells names a folder: write it with a to z, 0 to 9 and _. "
            f"Received: cells={cells!r}, in {filepath}"
        )


def _ours(scale):
    folder = importlib.resources.files("kerasfg.recipes") / "grids" / scale
    return {Path(file.name).stem: file for file in folder.iterdir()}
