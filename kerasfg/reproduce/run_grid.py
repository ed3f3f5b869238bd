"""All trainings of a grid, resumed where they stopped."""

import contextlib
import time

import filelock
import numpy as np
from rich.console import Console

from kerasfg.config.pixels import load_training_pixels
from kerasfg.reproduce.cell import locate
from kerasfg.reproduce.cell import recipe_to_train
from kerasfg.reproduce.cell_process import CellProcess
from kerasfg.reproduce.estimate import estimate
from kerasfg.reproduce.figures.drawing import draw
from kerasfg.reproduce.folder import note_teacher
from kerasfg.reproduce.measurements import measure_curves
from kerasfg.reproduce.measurements import measure_latencies
from kerasfg.reproduce.progress import GridProgress
from kerasfg.reproduce.results import GridResults
from kerasfg.training.train import split_of

POLL_SECONDS = 0.2


def run_grid(
    grid,
    data=None,
    out="results",
    methods=None,
    rows=None,
    jobs=1,
    console=None,
):
    """Trains what a grid still lacks, and keeps its table up to date.

    Each training has a process of its own and leaves a run folder in
    `OUT/CELLS/`; `OUT/NAME.csv` and `OUT/NAME.md` are written anew after each,
    and `OUT/NAME.png` at the end, where the grid has a figure. What is left is
    estimated before the first one begins.
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
            A grid without `{data}` takes none.
        out: The folder `OUT`. Defaults to `"results"`.
        methods: Names of the methods to train; those that they take values
            from are tuned as well. Defaults to `None`, all.
        rows: Names of the rows to train. Defaults to `None`, all.
        jobs: How many trainings run at once. Defaults to `1`.
        console: `rich.console.Console` to tell the progress on. Defaults to
            `None`, the standard output.

    Returns:
        `GridResults`.

    Raises:
        ValueError: If the grid has no such method or row, the pictures are not
            there, or another process is at work in the same folder.
    """
    console = console or Console(highlight=False)
    results = GridResults(grid, out, methods, rows)
    data = locate(grid, data, bool(results.missing()))
    with _alone_in(results.folder):
        _run(results, data, jobs, console)
    return results


@contextlib.contextmanager
def _alone_in(folder):
    """Keeps others out of the run folders; a killed process no longer does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise ValueError(
            "Another kerasfg reproduce is at work in this folder: wait for it, "
            f"or give another --out. Received: folder={str(folder)!r}"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _run(results, data, jobs, console):
    grid, estimates = results.grid, {}
    if results.missing():
        pictures = _prepare(results, data)  # before two want the same cache
        estimates = estimate(results, pictures, jobs, console.print)
    results.write()
    with GridProgress(results, jobs, estimates, console) as progress:
        _train_all(results, data, jobs, progress)
    if grid.resolutions and not results.missing():
        measure_curves(results, data, console)
        results.write()
    if grid.latency and not results.missing():
        measure_latencies(results, data, console)
        results.write()
    if grid.figure is not None:
        draw(results, data, console)


def _prepare(results, data):
    """How many pictures each missing cell trains on, once they are read."""
    pictures, read = {}, {}
    for cell in results.missing():
        recipe = recipe_to_train(cell, results.grid, data, results.folder)
        drawn_by = recipe.training.seed if recipe.data.classes else 0
        key = recipe.data, recipe.augmentation.augment_at, drawn_by
        if key not in read:
            read[key] = load_training_pixels(recipe)
        splits = split_of(read[key], recipe)
        pictures[cell.name] = np.count_nonzero(splits == "train")
    return pictures


def _train_all(results, data, jobs, progress):
    running = {}
    try:
        while True:
            begun = {cell.name for cell in running.values()}
            for cell in filter(results.is_ready, results.missing()):
                if len(running) < jobs and cell.name not in begun:
                    running[_start(cell, results, data)] = cell
            if not running:
                break
            progress.show(running)
            time.sleep(POLL_SECONDS)
            for process in [p for p in running if p.has_ended()]:
                _finish(process, running.pop(process), results, progress)
    finally:
        for process in running:
            process.kill()
    for cell in results.missing():  # their teacher has failed
        results.failed[cell.name] = f"{cell.needs}, its teacher, failed"
        progress.ended(cell, 0.0)
    results.write()


def _start(cell, results, data):
    recipe = recipe_to_train(cell, results.grid, data, results.folder)
    return CellProcess(recipe, results.run(cell).path, cell.euclidean)


def _finish(process, cell, results, progress):
    reason = process.failure()
    results.read_run(cell)
    if results.run(cell).manifest.exists():
        note_teacher(results.run(cell), cell, results.grid)
    else:  # even if an earlier training of it is on record
        reason = reason or "it left no result"
        results.failed[cell.name] = f"{reason} (see {process.log})"
    results.write()
    progress.ended(cell, process.seconds())
