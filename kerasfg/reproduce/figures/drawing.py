"""Draws the figure of a grid from the files of its trainings."""

from kerasfg.config.pixels import load_pixels
from kerasfg.evaluation.report.history import read_history
from kerasfg.reproduce.figures.plots import plot_convergence
from kerasfg.reproduce.figures.plots import plot_frontier
from kerasfg.reproduce.figures.plots import plot_lines
from kerasfg.reproduce.figures.resolution_sheet import plot_resolution_sheet
from kerasfg.run.features import plot_features
from kerasfg.terminal_text import visible


def draw(results, data, console):
    """Draws the `figure` of a grid as `OUT/NAME.png`.

    If there is nothing to draw yet, a line with the reason is printed instead.

    Args:
        results: The `GridResults`.
        data: Place of the pictures; needed for the kinds `"sheet"` and
            `"tsne"`.
        console: `rich.console.Console`.
    """
    filepath = results.file(".png")
    try:
        _KINDS[results.grid.figure.kind](results, data, filepath)
    except _NothingToDraw as reason:
        text = visible(f"No figure is drawn: {reason}")
        console.print(text, markup=False)


class _NothingToDraw(Exception):
    pass


def _lines(results, data, filepath):
    del data
    figure, grid = results.grid.figure, results.grid
    shown = [s for s in results.summaries() if _is_shown(s, results)]
    points = []
    for summary in shown:
        x = _value_of(figure.x, summary, grid)
        quantity = "difference" if figure.kind == "gain" else "top_1"
        measured = summary[quantity]
        if x is not None and measured and measured["mean"] is not None:
            by_row = figure.x in grid.options_of(summary["row"])
            line = summary["method"] if by_row else summary["row"]
            points.append((line, x, measured))
    if not points:
        raise _NothingToDraw("no training has ended")
    plot_lines(points, figure.kind, figure.x_label, figure.log, filepath)


def _value_of(key, summary, grid):
    """Returns the value of a recipe's key in a row and method, or `None`."""
    options = grid.options_of(summary["row"]) | grid.methods[summary["method"]]
    return options.get(key)


def _is_shown(summary, results):
    figure, grid = results.grid.figure, results.grid
    methods = figure.methods or grid.methods
    rows = figure.rows or grid.rows or [""]  # leaves out averages over rows
    return summary["method"] in methods and summary["row"] in rows


def _convergence(results, data, filepath):
    del data
    histories = {}
    for cell in _cells(results):
        rows = read_history(results.run(cell).history)
        if rows:
            histories.setdefault(cell.method, []).append(rows)
    if not histories:
        raise _NothingToDraw("no run folder has a history")
    plot_convergence(histories, filepath)


def _frontier(results, data, filepath):
    del data
    points = [
        (s["method"], s["row"], s["latency_ms"], s["top_1"])
        for s in results.summaries()
        if _is_shown(s, results)
        and None not in (s["latency_ms"], s["top_1"]["mean"])
    ]
    if not points:
        raise _NothingToDraw("no exported file has been timed")
    plot_frontier(points, filepath)


def _tsne(results, data, filepath):
    first = results.grid.seeds[0]
    cells = [
        cell
        for cell in _cells(results)
        if cell.seed == first and results.run(cell).model.exists()
    ]
    if len(cells) < 2:
        raise _NothingToDraw("t-SNE needs the first seed's models of 2 methods")
    plot_features(
        {cell.method: results.run(cell).path for cell in cells},
        filepath,
        names=results.grid.figure.attributes,
        data=cells[0].place(results.grid, data),
        verbose=False,
    )


def _sheet(results, data, filepath):
    grid = results.grid
    if data is None:
        raise _NothingToDraw("a sheet needs the pictures: pass --data")
    pixels = {}
    for row in grid.rows:
        recipe = grid.recipe_at(data, **grid.options_of(row))
        pixels[row] = load_pixels(recipe.data, verbose=False)
    plot_resolution_sheet(pixels, filepath)


def _cells(results):
    """Returns the finished final cells of the row and the methods to draw."""
    grid, figure = results.grid, results.grid.figure
    row = figure.row or next(iter(grid.rows), "")
    methods = figure.methods or tuple(grid.methods)
    cells = [
        cell
        for cell in results.cells()
        if cell.final and cell.row == row and cell.method in methods
        if cell.name in results.measured and not cell.euclidean
    ]
    return sorted(cells, key=lambda cell: methods.index(cell.method))


_KINDS = {
    "accuracy": _lines,
    "gain": _lines,
    "convergence": _convergence,
    "frontier": _frontier,
    "tsne": _tsne,
    "sheet": _sheet,
}
