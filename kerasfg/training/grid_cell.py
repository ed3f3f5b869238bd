"""One training of a grid."""

import dataclasses
import hashlib
import json
import urllib.parse
from typing import Any

from kerasfg.training.recipe import Recipe

# Keys of a recipe that are younger than the records in recipes/results.
_YOUNGER = {"val_share"}


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
        facts = [_facts(self.recipe(grid, "{data}")), self.euclidean]
        if self.teacher:
            facts.append(self.teacher.digest(grid))
        text = json.dumps(facts, sort_keys=True).encode()
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def place(self, grid, data):
        """Returns where its pictures are, or `None` if `data` is `None`."""
        return None if data is None else self.recipe(grid, data).data.data


def _facts(recipe):
    """What it says; of a younger key nothing where it changes nothing."""
    default = Recipe().model_dump(mode="json")
    return {
        name: {
            key: value
            for key, value in section.items()
            if key not in _YOUNGER or value != default[name][key]
        }
        for name, section in recipe.model_dump(mode="json").items()
    }
