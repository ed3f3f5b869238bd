"""All trainings of a grid, resumed where they stopped."""

import time
from pathlib import Path

from kerasfg.data.published.catalog import split_place
from kerasfg.data.published.catalog import with_absolute_folder
from kerasfg.training.build import load_pixels
from kerasfg.training.cell_process import CellProcess
from kerasfg.training.grid_progress import GridProgress
from kerasfg.training.grid_results import GridResults

POLL_SECONDS = 0.2


def run_grid(
    grid, data=None, out="results", methods=None, jobs=1, console=None
):
    """Trains what a grid still lacks, and keeps its table up to date.

    Each training has a process of its own and leaves a run folder in
    `OUT/NAME/`; `OUT/NAME.csv` and `OUT/NAME.md` are written anew after each.
    One that has ended is not trained again, and one that was interrupted goes
    on. One that fails is named and does not stop the others; it is tried again
    the next time.

    What comes out does not depend on `jobs`: with deterministic operators a
    training gives the same bits beside another one as alone. It would not with
    another number of threads, in which TensorFlow adds in another order; so
    each has all of them, and on another machine the numbers may differ.

    Args:
        grid: A `Grid`.
        data: Where the pictures are, as in a recipe. Defaults to `None`: where
            the grid's own recipe says, or nowhere if nothing is to be trained.
        out: The folder `OUT`. Defaults to `"results"`.
        methods: Names of the methods to train; those that they take values
            from are tuned as well. Defaults to `None`, all.
        jobs: How many trainings run at once. Defaults to `1`.
        console: `rich.console.Console` to tell the progress on. Defaults to
            `None`, the standard output.

    Returns:
        `GridResults`.

    Raises:
        ValueError: If the grid has no such method, or the pictures are not
            there.
    """
    results = GridResults(grid, out, methods)
    if results.missing():
        data = _locate(grid, data)
        recipes = [cell.recipe(grid, data) for cell in results.missing()]
        for section in {recipe.data for recipe in recipes}:
            load_pixels(section)  # before two trainings want the same cache
    results.write()
    with GridProgress(results, jobs, console) as progress:
        _train_all(results, data, jobs, progress)
    return results


def _locate(grid, data):
    """The place of the pictures, which have to be there."""
    data = str(data or grid.recipe.data.data)
    if data == "field_guide" or data.startswith("tfds:"):
        return data
    if split_place(data):
        return with_absolute_folder(data)
    if not data or not Path(data).is_dir():
        raise ValueError(
            f"The grid {grid.name} must be told by --data where its pictures "
            f"are, which are {grid.data}. Received: data={data!r}"
        )
    return str(Path(data).absolute())


def _train_all(results, data, jobs, progress):
    running = {}
    try:
        while True:
            begun = {cell.name for cell in running.values()}
            for cell in results.missing():
                if len(running) < jobs and cell.name not in begun:
                    running[_start(cell, results, data)] = cell
            if not running:
                return
            progress.show(running)
            time.sleep(POLL_SECONDS)
            for process in [p for p in running if p.has_ended()]:
                _finish(process, running.pop(process), results, progress)
    finally:
        for process in running:
            process.kill()


def _start(cell, results, data):
    recipe = cell.recipe(results.grid, data)
    return CellProcess(recipe, results.run(cell).path)


def _finish(process, cell, results, progress):
    reason = process.failure()
    results.look_at(cell)
    if not results.is_settled(cell):
        reason = reason or "it left no result"
        results.failed[cell.name] = f"{reason} (see {process.log})"
    results.write()
    progress.ended(cell, process.seconds())
