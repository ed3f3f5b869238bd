"""Draws the figure of a grid from the files of its trainings."""

from kerasfg.config.pixels import read_source
from kerasfg.reproduce.figures.histories import read_histories
from kerasfg.reproduce.figures.histories import write_epochs
from kerasfg.reproduce.figures.look_alikes import confused_pairs
from kerasfg.reproduce.figures.look_alikes import plot_look_alikes
from kerasfg.reproduce.figures.plots import plot_convergence
from kerasfg.reproduce.figures.plots import plot_frontier
from kerasfg.reproduce.figures.plots import plot_lines
from kerasfg.reproduce.figures.resolution_sheet import plot_resolution_sheet
from kerasfg.reproduce.figures.shown_pictures import ShownPictures
from kerasfg.reproduce.figures.silhouettes import write_silhouettes
from kerasfg.run.features import plot_features
from kerasfg.terminal_text import visible


def draw(results, data, console):
    """Draws the `figure` of a grid as `OUT/NAME.png`.

    If there is nothing to draw yet, a line with the reason is printed instead.

    Args:
        results: The `GridResults`.
        data: Place of the pictures; needed for the kinds `"sheet"`,
            `"look_alikes"` and `"tsne"`.
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
    points = _points(shown, figure.kind, grid)
    if not points:
        raise _NothingToDraw("no training has ended")
    beside = {"gains": _points(shown, "gain", grid)} if figure.gain else {}
    how = figure.kind, figure.x_label, figure.log
    plot_lines(points, *how, filepath, **beside)


def _points(summaries, kind, grid):
    """Returns the points of the lines that a kind of figure has."""
    figure, points = grid.figure, []
    for summary in summaries:
        x = _value_of(figure.x, summary, grid)
        measured = summary["difference" if kind == "gain" else "top_1"]
        if x is not None and measured and measured["mean"] is not None:
            by_row = figure.x in grid.options_of(summary["row"])
            line = summary["method"] if by_row else summary["row"]
            points.append((line, x, measured))
    return points


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
    histories = read_histories(results, _cells(results))
    if not histories:
        raise _NothingToDraw("no run folder has a history")
    plot_convergence(histories, filepath)
    write_epochs(histories, results)


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
    trained = [c for c in _cells(results) if results.run(c).model.exists()]
    cells = [cell for cell in trained if cell.seed == first]
    if len(cells) < 2:
        raise _NothingToDraw("t-SNE needs the first seed's models of 2 methods")
    plot_features(
        {cell.method: results.run(cell).path for cell in cells},
        filepath,
        names=results.grid.figure.attributes,
        data=cells[0].place(results.grid, data),
        verbose=False,
    )
    write_silhouettes(results, trained, data)


def _sheet(results, data, filepath):
    grid = results.grid
    sets = {
        row: _pictures(row, results, data).one_of_each()
        for row in grid.rows or [""]
    }
    plot_resolution_sheet(sets, grid.figure.sizes, filepath)


def _look_alikes(results, data, filepath):
    grid, figure = results.grid, results.grid.figure
    row = figure.row or next(iter(grid.rows), "")
    pictures = _pictures(row, results, data)
    shown = row, grid.baseline, grid.seeds[0]
    cells = [c for c in results.cells() if (c.row, c.method, c.seed) == shown]
    pairs = confused_pairs(results.run(cells[0]).report)
    if not pairs:
        raise _NothingToDraw("no run folder has a report with mistakes")
    pairs = [[pictures.one_of(name) for name in pair] for pair in pairs]
    plot_look_alikes(pairs, figure.sizes, filepath)


def _pictures(row, results, data):
    """Returns the pictures of a row; some are drawn."""
    grid = results.grid
    if data is None:
        raise _NothingToDraw("a sheet needs the pictures: pass --data")
    recipe = grid.recipe_at(data, **grid.options_of(row)).data
    return ShownPictures(read_source(recipe), grid.figure.sizes, recipe.crop)


def _cells(results):
    """Returns the finished final cells of the rows and the methods to draw."""
    grid, figure = results.grid, results.grid.figure
    rows = figure.rows or (figure.row or next(iter(grid.rows), ""),)
    methods = figure.methods or tuple(grid.methods)
    cells = [
        cell
        for cell in results.cells()
        if cell.final and cell.row in rows and cell.method in methods
        if cell.name in results.measured and not cell.euclidean
    ]
    return sorted(
        cells, key=lambda c: (rows.index(c.row), methods.index(c.method))
    )


_KINDS = {
    "accuracy": _lines,
    "gain": _lines,
    "convergence": _convergence,
    "frontier": _frontier,
    "tsne": _tsne,
    "sheet": _sheet,
    "look_alikes": _look_alikes,
}
