"""Lists the trainings of a grid, as far as they are known."""

import dataclasses

from kerasfg.reproduce.cell import Cell
from kerasfg.reproduce.method import GridMethod


def plan(grid, accuracies):
    """Lists the trainings of a grid in the order in which they are to run.

    The order is seed by seed, so that all methods can soon be compared. The
    other seeds of a method are missing until its values are chosen, and so are
    methods that take values from it. Values are chosen separately for each
    row.

    Args:
        grid: A `Grid`.
        accuracies: Dictionary from names of cells to validation accuracies, or
            to `None` if the training failed.

    Returns:
        List of `Cell`.
    """
    cells = []
    for row in grid.rows or {"": {}}:
        cells += _cells_of_row(grid, row, accuracies)
    return sorted(cells, key=lambda cell: grid.seeds.index(cell.seed))


def _cells_of_row(grid, row, accuracies):
    chosen, cells = {}, []
    first, *others = grid.seeds
    for name in grid.methods_of(row):
        method = GridMethod(grid.methods[name])
        tried = [
            _cell(grid, row, name, method, options)
            for options in method.candidates(chosen)
        ]
        best = _best(tried, accuracies)
        for cell in tried:
            cells.append(dataclasses.replace(cell, final=cell is best))
        if best:
            chosen[name] = best.options
            best = dataclasses.replace(best, final=True)
            cells += [_with_seed(best, grid, seed) for seed in others]
    return cells


def _cell(grid, row, name, method, options):
    cell = Cell(
        name,
        grid.seeds[0],
        grid.options_of(row) | options,
        {key: options[key] for key in method.varied},
        row=row,
        euclidean=method.euclidean,
    )
    return _with_seed(cell, grid, cell.seed)


def _with_seed(cell, grid, seed):
    """Returns the cell with another seed, and with that seed's teacher."""
    name, teacher = GridMethod(grid.methods[cell.method]).teacher, None
    if name:  # a teacher has no values to choose
        method = GridMethod(grid.methods[name])
        (options,) = method.candidates({})
        teacher = _cell(grid, cell.row, name, method, options)
        teacher = _with_seed(teacher, grid, seed)
    return dataclasses.replace(cell, seed=seed, teacher=teacher)


def wanted_seeds(grid, methods=None):
    """Returns the seeds that each method needs.

    Args:
        grid: A `Grid`.
        methods: Names of the requested methods. Methods that they take values
            from are only tuned, and their teachers are trained. Defaults to
            `None`: all methods.

    Returns:
        Dictionary from names of methods to tuples of seeds.

    Raises:
        ValueError: If the grid has no such method.
    """
    _check_names(methods, grid.methods, "methods")
    seeds = dict.fromkeys(methods or grid.methods, grid.seeds)
    for name in reversed(grid.methods):
        if name not in seeds:
            continue
        method = GridMethod(grid.methods[name])
        if method.teacher:
            known = seeds.get(method.teacher, ())
            seeds[method.teacher] = max(known, seeds[name], key=len)
        for source in method.sources:
            is_tuned = GridMethod(grid.methods[source]).trials > 1
            seeds.setdefault(source, grid.seeds[:1] if is_tuned else ())
    return seeds


def wanted_rows(grid, rows=None):
    """Returns the names of the requested rows, in the order of the grid.

    Args:
        grid: A `Grid`. A grid without rows has a single row named `""`.
        rows: Names of the requested rows. Defaults to `None`: all rows.

    Raises:
        ValueError: If the grid has no such row.
    """
    _check_names(rows, grid.rows, "rows")
    return [name for name in grid.rows or {"": {}} if name in (rows or [name])]


def count(grid, seeds, rows=None):
    """Returns the number of trainings, which no choice of values changes.

    Args:
        grid: A `Grid`.
        seeds: Result of `wanted_seeds`.
        rows: Result of `wanted_rows`. Defaults to `None`: all rows.
    """
    return sum(
        len(seeds[name]) - 1 + GridMethod(grid.methods[name]).trials
        for row in rows or wanted_rows(grid)
        for name in grid.methods_of(row)
        if seeds.get(name)
    )


def _check_names(names, known, what):
    for name in names or ():
        if name not in known:
            raise ValueError(
                f"The {what} of this grid are {', '.join(known) or 'none'}. "
                f"Received: {what}={name!r}"
            )


def _best(tried, accuracies):
    """Returns the first of the best candidates, or `None` if still unknown."""
    if len(tried) == 1:
        return tried[0]
    if any(cell.name not in accuracies for cell in tried):
        return None
    trained = [c for c in tried if accuracies[c.name] is not None]
    return max(trained, key=lambda c: accuracies[c.name], default=None)
