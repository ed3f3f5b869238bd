"""What a grid is to draw, and whether its parts go together."""

import re
from typing import Literal

from kerasfg.config.option import Section
from kerasfg.reproduce.method import GridMethod
from kerasfg.reproduce.method import check_method


def check_grid(grid):
    """Raises `ValueError` unless the parts of a grid go together.

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
    if grid.baseline not in grid.methods:
        raise ValueError(
            f"baseline must be one of {', '.join(grid.methods)}. "
            f"Received: baseline={grid.baseline!r}"
        )
    for section in ("rows", "methods"):
        for name in getattr(grid, section):
            _check_name(name, section)
    _check_without(grid)
    _check_average(grid)
    _check_best_of(grid)
    _check_paper(grid)
    above = {}
    for name, keys in grid.methods.items():
        check_method(name, keys, above)
        above[name] = keys
    for row in grid.rows or [""]:
        _check_recipes(grid, row)
    if grid.figure is not None:
        check_figure(grid)


def _check_seeds(seeds):
    if len(set(seeds)) < len(seeds):
        raise ValueError(
            f"No seed may stand twice. Received: seeds={list(seeds)}"
        )


def _check_measures(measures):
    if measures[:1] != ("top_1",):
        raise ValueError(
            "The first of the measures must be top_1, which differences are "
            f"taken of. Received: measures={list(measures)}"
        )


def _check_name(name, section):
    if not re.fullmatch("[a-z0-9_]+", name):
        raise ValueError(
            "The name of a row or a method names folders: write it with a to "
            f"z, 0 to 9 and _. Received: {section}.{name}"
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
            f"average must name two or more of {', '.join(grid.rows)}. "
            f"Received: average={list(grid.average)}"
        )


def _check_best_of(grid):
    best_of = set(grid.best_of)
    if not best_of:
        return
    if not grid.average:
        raise ValueError(
            "best_of is for an average over rows: name them by `average`. "
            f"Received: best_of={list(grid.best_of)}"
        )
    if not best_of.issubset(grid.methods):
        raise ValueError(
            f"best_of must name methods of {', '.join(grid.methods)}. "
            f"Received: best_of={list(grid.best_of)}"
        )
    for row in grid.average:
        if best_of.isdisjoint(grid.methods_of(row)):
            raise ValueError(
                "A row that is averaged must have one of best_of. "
                f"Received: best_of={list(grid.best_of)}, rows.{row}"
            )


def _check_paper(grid):
    for row, methods in grid.paper.items():
        for method, numbers in methods.items():
            if row not in grid.rows or method not in grid.methods:
                raise ValueError(
                    "A number of the paper must be of a row and a method. "
                    f"Received: paper.{row}.{method}"
                )
            measures = numbers if isinstance(numbers, dict) else ()
            if not set(measures) <= set(grid.measures):
                raise ValueError(
                    "Numbers of the paper must be of the measures "
                    f"{', '.join(grid.measures)}. "
                    f"Received: paper.{row}.{method}={numbers}"
                )


def _check_recipes(grid, row):
    """Whether each method can be trained, whatever is chosen."""
    chosen = {}
    for name in grid.methods_of(row):
        method = GridMethod(grid.methods[name])
        unmet = {*method.sources, method.teacher} - {*chosen, ""}
        if unmet:
            raise ValueError(
                "A row that has a method must have those it takes from. "
                f"Received: rows.{row} without {', '.join(sorted(unmet))}, "
                f"which methods.{name} needs"
            )
        for candidate in method.candidates(chosen):
            options = grid.options_of(row) | candidate
            if method.teacher:
                options["teacher"] = "{runs}"
            try:
                grid.recipe_at("{data}", **options)
            except ValueError as error:
                where = f"rows.{row}, " if row else ""
                message = f"{where}methods.{name}: {error}"
                raise ValueError(message) from None
            chosen.setdefault(name, candidate)


class GridFigure(Section):
    """A picture of a grid's results.

    Attributes:
        kind: `"accuracy"` or `"gain"` (the difference to the baseline) against
            a key of the recipe; `"convergence"`: validation accuracy against
            epochs and seconds; `"frontier"`: accuracy against the latency of
            the exported file; `"tsne"`: features of the first seed's models;
            `"sheet"`: the same pictures as each row sees them.
        x: The key, which rows or methods change. For `"accuracy"` and `"gain"`.
        x_label: What it is, in words.
        log: Whether its axis is logarithmic.
        row: The row to draw, for `"convergence"` and `"tsne"`. Defaults to the
            first one.
        rows: Those to draw, for `"accuracy"`, `"gain"` and `"frontier"`. Empty
            for all.
        methods: Those to draw. Empty for all.
        attributes: By which `"tsne"` colours the points, beside the classes.
    """

    kind: Literal[
        "accuracy", "gain", "convergence", "frontier", "tsne", "sheet"
    ]
    x: str = "image_size"
    x_label: str = "pixels of the picture"
    log: bool = False
    row: str = ""
    rows: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


def check_figure(grid):
    """Raises `ValueError` unless a grid has what its figure draws.

    Args:
        grid: A `kerasfg.reproduce.grid.Grid` with a `figure`.
    """
    figure = grid.figure
    if not set(figure.methods) <= set(grid.methods):
        raise ValueError(
            f"A figure can draw the methods {', '.join(grid.methods)}. "
            f"Received: figure.methods={list(figure.methods)}"
        )
    if not set(figure.rows) <= set(grid.rows):
        raise ValueError(
            f"A figure can draw the rows {', '.join(grid.rows)}. "
            f"Received: figure.rows={list(figure.rows)}"
        )
    if figure.row and figure.row not in grid.rows:
        raise ValueError(
            f"A figure can draw one of the rows {', '.join(grid.rows)}. "
            f"Received: figure.row={figure.row!r}"
        )
    if figure.kind == "sheet" and not grid.rows:
        raise ValueError(
            "A sheet shows the pictures as each row has them: name the rows. "
            "Received: figure.kind='sheet'"
        )
    if figure.kind == "frontier" and not grid.latency:
        raise ValueError(
            "A frontier has latencies: write `latency = true`. "
            "Received: figure.kind='frontier'"
        )
    if figure.kind in ("accuracy", "gain"):
        _check_numbers(grid, figure.x)


def _check_numbers(grid, key):
    parts = [*grid.rows.values(), *grid.methods.values()]
    values = [part[key] for part in parts if key in part]
    if not values or not all(isinstance(x, int | float) for x in values):
        raise ValueError(
            "x of a figure must be a key for which the rows or the methods "
            f"have numbers. Received: figure.x={key!r}, with the values "
            f"{values}"
        )
