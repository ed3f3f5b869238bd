"""A grid: the trainings behind one table of results, in one TOML file."""

import importlib.resources
import itertools
import re
from pathlib import Path
from typing import Any

import pydantic

from kerasfg.training.grid_method import GridMethod
from kerasfg.training.grid_method import source_of
from kerasfg.training.recipe import Recipe
from kerasfg.training.recipe_sections import Section
from kerasfg.training.toml_file import read_toml


class Grid(Section):
    """Methods that are compared, each trained with several seeds.

    In its TOML file `[recipe.model]` and the like are the sections of a recipe
    that all methods share, and each `[methods.NAME]` holds keys of any section
    that this method changes. A key's value there may be

    - a list, where a recipe wants a single value: it is tuned. Each value is
      trained with the first seed, and the one with the best validation
      accuracy (of equal ones the first) is taken for all seeds;
    - `{ from = "NAME" }`: what was chosen for the method `NAME`, which stands
      above;
    - anything else: it is taken as it is.

    `{data}` in a text stands for the folder of the pictures.

    Attributes:
        name: Of the files and the folder that the grid leaves.
        title: Heading of the table.
        data: What pictures it is for, in words.
        seeds: Of the trainings, at least one.
        baseline: The method that differences are taken from.
        recipe: What the methods have in common, a `Recipe`.
        methods: From the name of each method to its keys.
    """

    name: str
    title: str
    data: str
    seeds: tuple[pydantic.NonNegativeInt, ...] = pydantic.Field(
        (0, 1, 2), min_length=1
    )
    baseline: str
    recipe: Recipe = Recipe()
    methods: dict[str, dict[str, Any]]

    # === Ways to read one ===

    @classmethod
    def from_toml(cls, filepath):
        """Reads a grid.

        Args:
            filepath: A TOML file; its stem is the grid's name.

        Returns:
            A `Grid`.

        Raises:
            ValueError: If the file is not TOML or not a grid.
        """
        values = read_toml(filepath, "grid")
        where = f"{filepath}, recipe"
        values["recipe"] = Recipe.from_values(values.get("recipe", {}), where)
        try:
            return cls.model_validate(values | {"name": Path(filepath).stem})
        except pydantic.ValidationError as error:
            problems = "; ".join(_explain(e) for e in error.errors())
            raise ValueError(f"In {filepath}: {problems}") from None

    @classmethod
    def find(cls, name):
        """Reads a grid by its path, or one of ours by its name.

        Args:
            name: Path of a TOML file, or the name of one in
                `kerasfg.recipes/grids`.

        Returns:
            A `Grid`.

        Raises:
            ValueError: If there is neither; see also `from_toml`.

        Example:

        >>> Grid.find("awa2_tiny32_methods").baseline
        'cross_entropy'
        """
        folder = importlib.resources.files("kerasfg.recipes") / "grids"
        ours = {Path(file.name).stem: file for file in folder.iterdir()}
        if Path(name).is_file():
            return cls.from_toml(name)
        if str(name) in ours:
            return cls.from_toml(ours[str(name)])
        raise ValueError(
            f"A grid must be a TOML file or one of {', '.join(sorted(ours))}. "
            f"Received: grid={str(name)!r}"
        )

    # === What is made of one ===

    def recipe_at(self, data, **options):
        """Returns the recipe of one training.

        Args:
            data: As in a recipe; it takes the place of `{data}`.
            **options: Keys of any section of a recipe.
        """
        recipe = self.recipe.with_options(**options, data="{data}")
        return Recipe.from_values(_fill_in(recipe.model_dump(), data))

    def with_seeds(self, number):
        """Returns the grid with so many seeds: its own first, then others."""
        others = (i for i in itertools.count() if i not in self.seeds)
        seeds = itertools.islice(itertools.chain(self.seeds, others), number)
        return self.model_copy(update={"seeds": tuple(seeds)})

    # === Checks ===

    @pydantic.model_validator(mode="after")
    def _seeds_differ(self):
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(
                f"No seed may stand twice. Received: seeds={list(self.seeds)}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _baseline_is_a_method(self):
        if self.baseline not in self.methods:
            raise ValueError(
                f"baseline must be one of {', '.join(self.methods)}. "
                f"Received: baseline={self.baseline!r}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _methods_make_recipes(self):
        above = {}
        for name, keys in self.methods.items():
            _check_keys(name, keys, above)
            candidates = GridMethod(keys).candidates(above)
            for candidate in candidates:
                try:
                    self.recipe.with_options(**candidate)
                except ValueError as error:
                    raise ValueError(f"methods.{name}: {error}") from None
            above[name] = candidates[0]
        return self


def _check_keys(method, keys, above):
    if not re.fullmatch("[a-z0-9_]+", method):
        raise ValueError(
            "The name of a method names folders: write it with a to z, 0 to 9 "
            f"and _. Received: methods.{method}"
        )
    for key, value in keys.items():
        where = f"Received: methods.{method}.{key}={value!r}"
        if key in ("data", "seed"):
            raise ValueError(
                f"A method may not change {key}, which all of them share: "
                f"leave it out. {where}"
            )
        source = source_of(value)
        if source and key not in above.get(source, {}):
            raise ValueError(
                "`from` must name a method that stands above and has the same "
                f"key. {where}"
            )
    if not GridMethod(keys).trials:
        raise ValueError(
            "A list to tune must hold at least one value. "
            f"Received: methods.{method}={keys}"
        )


def _fill_in(value, data):
    if isinstance(value, str):
        return value.replace("{data}", data)
    if isinstance(value, dict):
        return {key: _fill_in(item, data) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill_in(item, data) for item in value]
    return value


def _explain(error):
    where = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    if "Received:" in message:
        return message
    if error["type"] == "extra_forbidden":
        message = f"A grid has only {', '.join(Grid.model_fields)}"
    return f"{message}. Received: {where}={error['input']!r}"
