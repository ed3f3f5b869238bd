"""The trainings that a grid comes down to, as far as they can be named."""

import dataclasses

from kerasfg.reproduce.cell import Cell
from kerasfg.reproduce.method import GridMethod


def plan(grid, accuracies):
    """Names the trainings of a grid, in the order in which they are to run.

    Seed by seed, so that there is soon something to compare. Those of a method
    whose values are not yet chosen are not among them; nor is a method that
    takes its values from such a one. Each row chooses for itself.

    Args:
        grid: A `Grid`.
        accuracies: From the names of cells to their validation accuracies, or
            to `None` where the training failed.

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
    """The same training with another seed, and another teacher."""
    name, teacher = GridMethod(grid.methods[cell.method]).teacher, None
    if name:  # it has nothing to choose
        method = GridMethod(grid.methods[name])
        (options,) = method.candidates({})
        teacher = _cell(grid, cell.row, name, method, options)
        teacher = _with_seed(teacher, grid, seed)
    return dataclasses.replace(cell, seed=seed, teacher=teacher)


def wanted_seeds(grid, methods=None):
    """Returns the seeds that each method needs.

    Args:
        grid: A `Grid`.
        methods: Names of the methods that are asked for; those that their
            values are taken from are then tuned, and no more, and those that
            teach them are trained. Defaults to `None`, all.

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
    """Returns the names of the rows that are wanted, in the grid's order.

    Args:
        grid: A `Grid`; without rows it has one whose name is `""`.
        rows: Names of the rows that are asked for. Defaults to `None`, all.

    Raises:
        ValueError: If the grid has no such row.
    """
    _check_names(rows, grid.rows, "rows")
    return [name for name in grid.rows or {"": {}} if name in (rows or [name])]


def count(grid, seeds, rows=None):
    """Returns how many trainings there are, whatever is chosen.

    Args:
        grid: A `Grid`.
        seeds: As `wanted_seeds` gives them.
        rows: As `wanted_rows` gives them. Defaults to `None`, all.
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
    """The candidate to take, if that is settled: the first of the best."""
    if len(tried) == 1:
        return tried[0]
    if any(cell.name not in accuracies for cell in tried):
        return None
    trained = [c for c in tried if accuracies[c.name] is not None]
    return max(trained, key=lambda c: accuracies[c.name], default=None)
