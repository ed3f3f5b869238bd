"""What a grid is to draw, and whether it has that."""

from typing import Literal

from kerasfg.training.recipe_sections import Section


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
        grid: A `kerasfg.training.grid.Grid` with a `figure`.
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
