"""Checks that the parts of a grid fit together, including its figure."""

import re
from typing import Literal

import pydantic

from kerasfg.config.option import Section
from kerasfg.reproduce.method import GridMethod
from kerasfg.reproduce.method import check_method


def check_grid(grid):
    """Raises `ValueError` if the parts of a grid do not fit together.

    Args:
        grid: A `kerasfg.reproduce.grid.Grid`.
    """
    _check_seeds(grid.seeds)
    _check_measures(grid.measures)
    if grid.resolutions:
        from kerasfg.evaluation.metrics.resolution_curve import (
            check_resolutions,
        )

        check_resolutions(grid.resolutions)
    _check_baseline(grid)
    for section in ("rows", "methods"):
        for name in getattr(grid, section):
            _check_name(name, section)
    _check_without(grid)
    _check_average(grid)
    _check_best_of(grid)
    _check_paper(grid)
    earlier = {}
    for name, keys in grid.methods.items():
        check_method(name, keys, earlier)
        earlier[name] = keys
    for row in grid.rows or [""]:
        _check_recipes(grid, row)
    if grid.figure is not None:
        check_figure(grid)


def _check_baseline(grid):
    shows_pictures = grid.figure is not None and grid.figure.kind == "sheet"
    if not (grid.methods or grid.baseline) and shows_pictures:
        return
    if grid.baseline not in grid.methods:
        raise ValueError(
            f"baseline must be one of {', '.join(grid.methods) or 'methods'}. "
            f"Received: baseline={grid.baseline!r}"
        )


def _check_seeds(seeds):
    if len(set(seeds)) < len(seeds):
        raise ValueError(
            f"The seeds must differ. Received: seeds={list(seeds)}"
        )


def _check_measures(measures):
    if measures[:1] not in (("top_1",), ("balanced_accuracy",)):
        raise ValueError(
            "The first measure must be top_1 or balanced_accuracy, since "
            "differences are computed from it. "
            f"Received: measures={list(measures)}"
        )


def _check_name(name, section):
    if not re.fullmatch("[a-z0-9_]+", name):
        raise ValueError(
            "The name of a row or a method is used in names of folders: write "
            f"it with a to z, 0 to 9 and _. Received: {section}.{name}"
        )


def _check_without(grid):
    others = set(grid.methods) - {grid.baseline}
    for row, keys in grid.rows.items():
        without = keys.get("without", [])
        if not isinstance(without, list) or not others.issuperset(without):
            raise ValueError(
                "`without` must be a list of methods other than the baseline. "
                f"Received: rows.{row}.without={without!r}"
            )


def _check_average(grid):
    names = set(grid.average)
    if grid.average and not (len(names) > 1 and names.issubset(grid.rows)):
        raise ValueError(
            f"`average` must name two or more of {', '.join(grid.rows)}. "
            f"Received: average={list(grid.average)}"
        )


def _check_best_of(grid):
    best_of = set(grid.best_of)
    if not best_of:
        return
    if not grid.average:
        raise ValueError(
            "`best_of` needs an average over rows: name the rows in "
            f"`average`. Received: best_of={list(grid.best_of)}"
        )
    if not best_of.issubset(grid.methods):
        raise ValueError(
            f"`best_of` must name methods of {', '.join(grid.methods)}. "
            f"Received: best_of={list(grid.best_of)}"
        )
    for row in grid.average:
        if best_of.isdisjoint(grid.methods_of(row)):
            raise ValueError(
                "Each row in `average` must have one of the methods in "
                "`best_of`. "
                f"Received: best_of={list(grid.best_of)}, rows.{row}"
            )


def _check_paper(grid):
    for row, methods in grid.paper.items():
        for method, numbers in methods.items():
            _check_place(grid, row, method, "paper")
            measures = numbers if isinstance(numbers, dict) else ()
            if not set(measures) <= set(grid.measures):
                raise ValueError(
                    "Numbers of the paper must belong to the measures "
                    f"{', '.join(grid.measures)}. "
                    f"Received: paper.{row}.{method}={numbers}"
                )

    for row, methods in grid.paper_gains.items():
        for method in methods:
            _check_place(grid, row, method, "paper_gains")


def _check_place(grid, row, method, section):
    if row not in (grid.rows or [""]) or method not in grid.methods:
        raise ValueError(
            "A number of the paper must belong to a row and a method of the "
            f"grid. Received: {section}.{row}.{method}"
        )


def _check_recipes(grid, row):
    """Checks that each method can be trained with all of its candidates."""
    chosen = {}
    if not grid.methods:
        grid.recipe_at("{data}", **grid.options_of(row))
    for name in grid.methods_of(row):
        method = GridMethod(grid.methods[name])
        unmet = {*method.sources, method.teacher} - {*chosen, ""}
        if unmet:
            raise ValueError(
                "A row with a method must also have the methods that it takes "
                f"values from. Received: rows.{row} without "
                f"{', '.join(sorted(unmet))}, which methods.{name} needs"
            )
        for candidate in method.candidates(chosen):
            options = grid.options_of(row) | candidate
            if method.teacher:
                options["teacher"] = "{runs}"
            try:
                recipe = grid.recipe_at("{data}", **options)
                _check_latency(recipe.model.latency)
            except ValueError as error:
                where = f"rows.{row}, " if row else ""
                message = f"{where}methods.{name}: {error}"
                raise ValueError(message) from None
            chosen.setdefault(name, candidate)


def _check_latency(latency):
    if latency:
        raise ValueError(
            "A grid names its networks: give `upsample_to`, `output_stride` "
            f"and `backbone`. Received: latency={latency!r}"
        )


class GridFigure(Section):
    """The figure of a grid's results.

    Attributes:
        kind: `"accuracy"` or `"gain"` (the difference to the baseline) against
            a key of the recipe; `"convergence"`: validation accuracy against
            epochs and seconds; `"frontier"`: accuracy against the latency of
            the exported file; `"tsne"`: features of the first seed's models;
            `"sheet"`: a few pictures of each row at several sizes;
            `"look_alikes"`: pictures of the classes that the first seed's
            baseline takes for one another, at several sizes.
        x: Key of the recipe on the x axis, which differs between rows or
            methods. For `"accuracy"` and `"gain"`.
        x_label: Label of the x axis.
        log: Whether the x axis is logarithmic.
        row: The row to draw, for `"tsne"` and `"look_alikes"`. Defaults to the
            first row.
        rows: The rows to draw, for `"accuracy"`, `"gain"`, `"convergence"` and
            `"frontier"`. Empty means all; for `"convergence"`, the first row.
        gain: Whether to add the gain over the baseline to `"accuracy"`.
        sizes: Pixels of the pictures, for `"sheet"` and `"look_alikes"`.
        methods: The methods to draw. Empty means all.
        attributes: Attributes by which `"tsne"` colours the points, in
            addition to the classes.
    """

    kind: Literal[
        "accuracy",
        "gain",
        "convergence",
        "frontier",
        "tsne",
        "sheet",
        "look_alikes",
    ]
    x: str = "image_size"
    x_label: str = "pixels of the picture"
    log: bool = False
    row: str = ""
    rows: tuple[str, ...] = ()
    gain: bool = False
    sizes: tuple[pydantic.PositiveInt, ...] = ()
    methods: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


def check_figure(grid):
    """Raises `ValueError` if a grid lacks something that its figure draws.

    Args:
        grid: A `kerasfg.reproduce.grid.Grid` with a `figure`.
    """
    figure = grid.figure
    for key in ("methods", "rows"):
        drawn, known = getattr(figure, key), getattr(grid, key)
        if not set(drawn) <= set(known):
            raise ValueError(
                f"A figure can draw the {key} {', '.join(known)}. "
                f"Received: figure.{key}={list(drawn)}"
            )
    if figure.row and figure.row not in grid.rows:
        raise ValueError(
            f"A figure can draw one of the rows {', '.join(grid.rows)}. "
            f"Received: figure.row={figure.row!r}"
        )
    if figure.kind in ("sheet", "look_alikes") and not figure.sizes:
        raise ValueError(
            "A figure of pictures needs the pixels at which to show them: "
            "write `sizes = [32, 64]`. "
            f"Received: figure.kind={figure.kind!r} without sizes"
        )
    if figure.kind == "frontier" and not grid.latency:
        raise ValueError(
            "A figure of kind 'frontier' needs latencies: write "
            "`latency = true`. Received: figure.kind='frontier'"
        )
    if figure.kind in ("accuracy", "gain"):
        _check_numbers(grid, figure.x)


def _check_numbers(grid, key):
    parts = [*grid.rows.values(), *grid.methods.values()]
    values = [part[key] for part in parts if key in part]
    if not values or not all(isinstance(x, int | float) for x in values):
        raise ValueError(
            "`x` of a figure must be a key for which the rows or the methods "
            f"have numbers. Received: figure.x={key!r}, with the values "
            f"{values}"
        )
