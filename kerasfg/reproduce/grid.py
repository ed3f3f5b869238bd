"""A grid: the trainings of one table of results, in one TOML file."""

import difflib
import importlib.resources
import itertools
import re
from pathlib import Path
from typing import Any
from typing import Literal

import pydantic

from kerasfg.config.option import Section
from kerasfg.config.recipe import Recipe
from kerasfg.config.toml_file import read_toml
from kerasfg.reproduce.check import GridFigure
from kerasfg.reproduce.check import check_grid

MEASURES = ("top_1", "balanced_accuracy", "top_3", "top_5")


class Grid(Section):
    """Methods to compare, each trained with several seeds.

    In its TOML file `[recipe.model]` and the like are the sections of a recipe
    that all trainings share; copies of a picture are drawn singly, as in the
    papers, unless they set `join_copies = true`. Each `[rows.NAME]` has keys of
    any section for one row of the table (a resolution, a data set), and each
    `[methods.NAME]` the keys that this method changes in each row. A value
    there may be

    - in a method, a list for a key that takes a single value: it is tuned.
      Each value is trained with the first seed, and the one with the best
      validation accuracy (the first of equal ones) is used for all seeds;
    - in a method, `{ from = "NAME" }`: the value chosen for the method `NAME`,
      which must come earlier in the file; for `teacher`,
      `{ run_of = "NAME" }`: the run of that method in the same row with the
      same seed;
    - any other value, which is used unchanged.

    A method with `euclidean = "neighbour"` or `"mean"` trains nothing and
    compares the features of the pretrained network. A row may exclude methods
    by `without`. A grid whose figure shows only pictures has no methods.
    `{data}` in a text is replaced by the folder of the pictures; other relative
    paths start at the working directory.

    Attributes:
        name: Stem of the output files.
        cells: Name of the folder of the run folders; grids may share it.
        scale: `"small"` or `"full"` for a grid of the package.
        title: Heading of the table.
        data: Description of the pictures.
        stand_in: Description of what differs from the paper's data, or `""`.
        same: Sentences below the table: what is as in the paper.
        differs: Sentences below the table: what differs from the paper, in
            addition to `stand_in`, and why.
        notes: Sentences below these: what the table has in addition, and what
            the paper itself states in two ways.
        seeds: Seeds of the trainings, at least one.
        baseline: Name of the method to which the differences are computed;
            `""` in a grid without methods.
        measures: Accuracies in the table, `"top_1"` or `"balanced_accuracy"`
            first, which the differences are taken of.
        average: Rows to average in the table, two or more; may be empty.
        best_of: Methods from which validation, with the first seed, chooses
            one for each averaged row; may be empty.
        latency: Whether the trained models are exported and timed.
        ranked: Whether methods are sorted by their gain on validation.
        resolutions: Other resolutions at which each model is tested.
        recipe: The common `Recipe` of the trainings.
        rows: Dictionary from names of rows to their keys; may be empty.
        methods: Dictionary from names of methods to their keys; may be empty
            if the figure shows pictures.
        paper: The paper's own percentages: dictionary from names of rows to
            dictionaries from methods to a number, or to a number for each
            measure.
        paper_gains: What the paper prints of a difference to the baseline in
            place of numbers, such as `"over 5"`: dictionary from names of rows
            (`""` without rows) to dictionaries from methods to texts.
        figure: The `GridFigure` to draw, or `None`.
    """

    name: str
    cells: str = ""
    scale: str = ""
    title: str
    data: str
    stand_in: str = ""
    same: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seeds: tuple[pydantic.NonNegativeInt, ...] = pydantic.Field(
        (0, 1, 2), min_length=1
    )
    baseline: str = ""
    measures: tuple[Literal[MEASURES], ...] = ("top_1",)
    average: tuple[str, ...] = ()
    best_of: tuple[str, ...] = ()
    latency: bool = False
    ranked: bool = False
    resolutions: tuple[pydantic.PositiveInt, ...] = ()
    recipe: Recipe = Recipe()
    rows: dict[str, dict[str, Any]] = {}
    methods: dict[str, dict[str, Any]] = {}
    paper: dict[str, dict[str, float | dict[str, float]]] = {}
    paper_gains: dict[str, dict[str, str]] = {}
    figure: GridFigure | None = None

    # === Reading ===

    @classmethod
    def from_toml(cls, filepath):
        """Reads a grid.

        Args:
            filepath: A TOML file; its stem is the name of the grid.

        Returns:
            A `Grid`.

        Raises:
            ValueError: If the file is not TOML or not a grid.
        """
        values = read_grid_file(filepath)
        where = f"{filepath}, recipe"
        recipe = _drawn_singly(values.get("recipe", {}))
        values["recipe"] = Recipe.from_values(recipe, where)
        try:
            return cls.model_validate(values)
        except pydantic.ValidationError as error:
            problems = "; ".join(_explain(e) for e in error.errors())
            raise ValueError(f"In {filepath}: {problems}") from None

    @classmethod
    def find(cls, name, scale="small"):
        """Reads a grid by its path, or a grid of the package by its name.

        Args:
            name: Path of a TOML file, or the name of one in
                `kerasfg.recipes/grids`.
            scale: `"small"` for stand-ins that two cores can train, `"full"`
                for the paper's own data. Defaults to `"small"`.

        Returns:
            A `Grid`.

        Raises:
            ValueError: If there is neither; see also `from_toml`.

        Example:

        >>> Grid.find("awa2_tiny32_methods").baseline
        'cross_entropy'
        """
        file = find_grid_file(name, scale)
        ours = {} if file == Path(name) else {"scale": scale}
        return cls.from_toml(file).model_copy(update=ours)

    # === Recipes, methods and seeds ===

    def recipe_at(self, data, runs="{runs}", /, **options):
        """Returns the recipe of one training.

        Args:
            data: Place of the pictures, as in a recipe. It replaces `{data}`;
                as `tfds:NAME` it replaces `awa2:{data}` and the like entirely.
            runs: Folder of the run folders. It replaces `{runs}`.
            **options: Options for `Recipe.with_options`.
        """
        options = {"data": self.recipe.data.path or "{data}"} | options
        is_tfds = str(data).startswith("tfds:")
        if is_tfds and re.fullmatch(r"\w+:\{data\}", str(options["data"])):
            options["data"] = "{data}"
        recipe = self.recipe.with_options(**options)
        values = recipe.model_dump(exclude_unset=True)
        return Recipe.from_values(_fill_in(values, str(data), str(runs)))

    def options_of(self, row):
        """Returns the keys of a row that belong to a recipe."""
        keys = self.rows.get(row, {})
        return {key: v for key, v in keys.items() if key != "without"}

    def methods_of(self, row):
        """Returns the names of the methods in a row."""
        without = self.rows.get(row, {}).get("without", ())
        return [name for name in self.methods if name not in without]

    def with_seeds(self, number):
        """Returns the grid with `number` seeds: its own first, then others."""
        others = (i for i in itertools.count() if i not in self.seeds)
        seeds = itertools.islice(itertools.chain(self.seeds, others), number)
        return self.model_copy(update={"seeds": tuple(seeds)})

    # === Checks ===

    @pydantic.model_validator(mode="after")
    def _is_consistent(self):
        check_grid(self)
        return self


def _fill_in(value, data, runs):
    if isinstance(value, str):
        return value.replace("{data}", data).replace("{runs}", runs)
    if isinstance(value, dict):
        return {k: _fill_in(item, data, runs) for k, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill_in(item, data, runs) for item in value]
    return value


def _explain(error):
    where = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    if "Received:" in message:
        return message
    if error["type"] == "missing":
        return f"A grid must have {where}. Received: {where}=None"
    if error["type"] == "extra_forbidden":
        message = f"A grid has only {', '.join(Grid.model_fields)}"
    return f"{message}. Received: {where}={error['input']!r}"


SCALES = ("small", "full")


def grid_names(scale):
    """Returns the names of the package's grids at a scale, sorted."""
    return sorted(_packaged_grids(scale))


def find_grid_file(name, scale):
    """Returns the path of a grid's TOML file.

    Args:
        name: A path, or the name of a grid of the package.
        scale: One of `SCALES`, for a grid of the package.

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
    ours = _packaged_grids(scale)
    if str(name) in ours:
        return ours[str(name)]
    scales = [s for s in SCALES if str(name) in _packaged_grids(s)]
    there = f" (there is one with --scale {scales[0]})" if scales else ""
    near = difflib.get_close_matches(str(name), list(ours), n=1)
    meant = f" (did you mean {near[0]!r}?)" if near and not there else ""
    raise ValueError(
        f"A grid must be a TOML file or one of {', '.join(sorted(ours))}"
        f"{there}{meant}. Received: grid={str(name)!r}, scale={scale!r}"
    )


def read_grid_file(filepath):
    """Reads a grid's file as plain values.

    With `cells_of = "NAME"` the grid shares the trainings of the grid `NAME` in
    the same folder, and all its keys that the file does not set itself.

    Args:
        filepath: A TOML file.

    Returns:
        Dictionary, with `name` and `cells`.

    Raises:
        ValueError: If it is not TOML, `cells` is not the name of a folder, or
            there is no grid `NAME` in the same folder.
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
            "cells_of must name a grid in the same folder that has trainings "
            "of its own; it also gives recipe, rows and methods. "
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


def _packaged_grids(scale):
    folder = importlib.resources.files("kerasfg.recipes") / "grids" / scale
    return {Path(file.name).stem: file for file in folder.iterdir()}


def _drawn_singly(recipe):
    """Returns the keys of a grid's recipe, with copies as in the papers."""
    if not isinstance(recipe, dict):
        return recipe
    data = recipe.get("data", {})
    if not isinstance(data, dict):
        return recipe
    return {**recipe, "data": {"join_copies": False, **data}}
