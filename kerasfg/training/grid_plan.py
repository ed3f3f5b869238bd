"""The trainings that a grid comes down to, as far as they can be named."""

import dataclasses
import urllib.parse
from typing import Any

from kerasfg.training.grid_method import GridMethod


@dataclasses.dataclass(frozen=True)
class Cell:
    """One training of a grid.

    Attributes:
        method: The method's name.
        seed: Of the training.
        options: All that the method changes in the common recipe.
        values: Those of the options that are tuned or taken from another
            method.
        final: Whether the values are the chosen ones, so that the training
            counts in the table.
    """

    method: str
    seed: int
    options: dict[str, Any]
    values: dict[str, Any]
    final: bool = False

    @property
    def name(self):
        """Name of the run folder: the method, its values and the seed."""
        values = [
            f"{key}={urllib.parse.quote(str(value), safe='')}"
            for key, value in self.values.items()
        ]
        return "-".join([self.method, *values, str(self.seed)])

    def recipe(self, grid, data):
        """Returns the `Recipe` to train by, with pictures in `data`."""
        return grid.recipe_at(data, **self.options, seed=self.seed)


def plan(grid, accuracies):
    """Names the trainings of a grid, in the order in which they are to run.

    Seed by seed, so that there is soon something to compare. Those of a method
    whose values are not yet chosen are not among them; nor is a method that
    takes its values from such a one.

    Args:
        grid: A `Grid`.
        accuracies: From the names of cells to their validation accuracies, or
            to `None` where the training failed.

    Returns:
        List of `Cell`.
    """
    chosen, cells = {}, []
    first, *others = grid.seeds
    for name, keys in grid.methods.items():
        method = GridMethod(keys)
        tried = [
            Cell(name, first, options, {k: options[k] for k in method.varied})
            for options in method.candidates(chosen)
        ]
        best = _best(tried, accuracies)
        for cell in tried:
            cells.append(dataclasses.replace(cell, final=cell is best))
        if best:
            chosen[name] = best.options
            best = dataclasses.replace(best, final=True)
            cells += [dataclasses.replace(best, seed=seed) for seed in others]
    return sorted(cells, key=lambda cell: grid.seeds.index(cell.seed))


def wanted_seeds(grid, methods=None):
    """Returns the seeds that each method needs.

    Args:
        grid: A `Grid`.
        methods: Names of the methods that are asked for; those that their
            values are taken from are then tuned, and no more. Defaults to
            `None`, all.

    Returns:
        Dictionary from names of methods to tuples of seeds.

    Raises:
        ValueError: If the grid has no such method.
    """
    for name in methods or ():
        if name not in grid.methods:
            raise ValueError(
                f"The methods of this grid are {', '.join(grid.methods)}. "
                f"Received: methods={name!r}"
            )
    seeds = dict.fromkeys(methods or grid.methods, grid.seeds)
    for name in reversed(grid.methods):
        for source in GridMethod(grid.methods[name]).sources:
            if name in seeds:
                is_tuned = GridMethod(grid.methods[source]).trials > 1
                seeds.setdefault(source, grid.seeds[:1] if is_tuned else ())
    return seeds


def count(grid, seeds):
    """Returns how many trainings there are, whatever is chosen.

    Args:
        grid: A `Grid`.
        seeds: As `wanted_seeds` gives them.
    """
    return sum(
        len(of_method) - 1 + GridMethod(grid.methods[name]).trials
        for name, of_method in seeds.items()
        if of_method
    )


def _best(tried, accuracies):
    """The candidate to take, if that is settled: the first of the best."""
    if len(tried) == 1:
        return tried[0]
    if any(cell.name not in accuracies for cell in tried):
        return None
    trained = [c for c in tried if accuracies[c.name] is not None]
    return max(trained, key=lambda c: accuracies[c.name], default=None)
