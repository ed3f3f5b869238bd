"""Inspects the pictures that a recipe names, and writes what was found."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerasfg.config.pixels import read_source
from kerasfg.config.recipe import Recipe
from kerasfg.inspection.inspection import Inspection
from kerasfg.inspection.inspection import inspect_source
from kerasfg.inspection.page.page import write_page
from kerasfg.inspection.suspects import write_suspects
from kerasfg.terminal_text import visible
from kerasfg.write_errors import make_folder

PAGE = "inspection.html"
_ALSO_OF_TRAIN = ("class_level", "box_margin", "group_by")
_BOX = re.compile(r"#[-+.\de]+(,[-+.\de]+){3}$")


def inspect_data(
    recipe: Recipe,
    out: str | os.PathLike[str],
    labels: bool = True,
    verbose: bool = True,
    after_files: Callable[[dict[str, Any]], None] | None = None,
) -> Inspection:
    """Inspects pictures and writes `inspection.html` and `suspects.csv`.

    Args:
        recipe: A `Recipe`; its `data` section names the pictures.
        out: Folder to write to. A page in it is replaced; a `suspects.csv` with
            decisions in it stays, and the new one is `suspects-2.csv`.
        labels: Whether to look for wrong labels and outliers. Defaults to
            `True`.
        verbose: Whether to show progress. Defaults to `True`.
        after_files: Function of the facts that need no network, called as soon
            as they are known. Defaults to `None`.

    Returns:
        `Inspection`, whose facts also hold the paths of both files.

    Raises:
        ValueError: If there are no pictures, or none can be read.

    Example:

    ```python
    from kerasfg.config import Recipe
    from kerasfg.inspection.inspect_data import inspect_data

    found = inspect_data(Recipe().with_options(data="photos"), "inspection")
    print(found.facts["classes"]["ratio"], len(found.suspects))
    ```
    """
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise ValueError(
            "The place to write to must be a folder. "
            f"Received: out={str(out)!r}, a file"
        )
    source = read_source(recipe.data, recipe.training.seed)
    found = inspect_source(
        source,
        recipe.data.image_size,
        recipe.data.boxes or _has_boxes(source),
        recipe.data.group_by,
        labels,
        verbose,
        recipe.training.seed,
        after_files,
    )
    make_folder(out)
    found.facts["suspects_file"] = str(write_suspects(out, found.suspects))
    found.facts["page"] = str(out / PAGE)
    found.facts["train_command"] = _train_command(recipe)
    title = ", ".join(map(_title, recipe.data.places))
    write_page(found, title, out / PAGE, verbose)
    return found


def _train_command(recipe):
    """Returns the command that trains on what was inspected, as it was."""
    options, usual = recipe.options(), type(recipe)().data
    given = [("data", place) for place in recipe.data.places]
    given += [
        (name, getattr(recipe.data, name))
        for name in _ALSO_OF_TRAIN
        if getattr(recipe.data, name) != getattr(usual, name)
    ]
    named = " ".join(
        f"{options[name].flag} {shlex.quote(str(value))}"
        for name, value in given
    )
    return f"kerasfg train {visible(named, keep='')}"


def _has_boxes(source):
    """Returns whether some pictures are parts of others, as lists name them."""
    return any(_BOX.search(name) for name in source.names)


def _title(place):
    return Path(place).resolve().name if Path(place).exists() else place
