"""Runs all trainings of a grid and resumes interrupted ones."""

import contextlib
import time

import filelock
import numpy as np
from rich.console import Console

from kerasfg.config.pixels import load_training_pixels
from kerasfg.reproduce.cell import locate
from kerasfg.reproduce.cell import recipe_to_train
from kerasfg.reproduce.cell_process import CellProcess
from kerasfg.reproduce.check_run import note_teacher
from kerasfg.reproduce.estimate import estimate
from kerasfg.reproduce.figures.drawing import draw
from kerasfg.reproduce.latencies import measure_latencies
from kerasfg.reproduce.measurements import measure_curves
from kerasfg.reproduce.progress import GridProgress
from kerasfg.reproduce.results import GridResults
from kerasfg.terminal_text import visible
from kerasfg.training.setup.splits import split_of
from kerasfg.write_errors import make_folder

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
    """Runs the missing trainings of a grid and keeps its table up to date.

    Each training runs in its own process and writes a run folder in
    `OUT/CELLS/`. `OUT/NAME.csv` and `OUT/NAME.md` are rewritten after each
    training, and `OUT/NAME.png` at the end if the grid has a figure. The
    remaining time is estimated before the first training begins. Finished
    trainings are not repeated, and interrupted ones are resumed. A failed
    training is reported, does not stop the others, and is tried again in the
    next call.

    Results do not depend on `jobs`: with deterministic operators a training
    gives the same bits with and without others running. Results do depend on
    the number of threads, since TensorFlow then adds in another order. So every
    training uses all threads, and results may differ on another machine.

    Args:
        grid: A `Grid`.
        data: Place of the pictures, as in a recipe. Defaults to `None`: the
            place in the grid's recipe; none is needed if nothing is missing.
            It must be `None` for a grid without `{data}`.
        out: The folder `OUT`. Defaults to `"results"`.
        methods: Names of the methods to train. Methods that they take values
            from are tuned, too. Defaults to `None`: all methods.
        rows: Names of the rows to train. Defaults to `None`: all rows.
        jobs: Number of trainings that run at once. Defaults to `1`.
        console: `rich.console.Console` to print the progress to. Defaults to
            `None`: the standard output.

    Returns:
        `GridResults`.

    Raises:
        ValueError: If the grid has no such method or row, the pictures are
            missing, or another process uses the same folder.
    """
    console = console or Console(highlight=False)
    results = GridResults(grid, out, methods, rows)
    data = locate(grid, data, bool(results.missing()))
    with _locked(results.folder):
        _run(results, data, jobs, console)
    return results


def time_grid(grid, out="results", console=None):
    """Times the exported files of all networks of a grid, and trains nothing.

    Its table then has the latencies of trainings that are still to come.

    Args:
        grid: A `Grid` with `latency`.
        out: The folder `OUT`; see `run_grid`. Defaults to `"results"`.
        console: `rich.console.Console` to print the progress to. Defaults to
            `None`: the standard output.

    Returns:
        `GridResults`.

    Raises:
        ValueError: If the grid has no latencies, or another process uses the
            same folder.
    """
    if not grid.latency:
        raise ValueError(
            "Only a grid with `latency = true` can be timed without training. "
            f"Received: grid={grid.name!r}"
        )
    console = console or Console(highlight=False)
    results = GridResults(grid, out)
    with _locked(results.folder):
        measure_latencies(results, None, console, untrained=True)
        results.write()
        if grid.figure is not None:
            draw(results, None, console)
    return results


@contextlib.contextmanager
def _locked(folder):
    """Locks the results folder; the lock of a killed process is released."""
    make_folder(folder)
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise ValueError(
            "Another kerasfg reproduce uses this folder: wait until it ends, "
            "or choose another folder with --out. "
            f"Received: folder={str(folder)!r}"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _run(results, data, jobs, console):
    grid, estimates = results.grid, {}

    def show(text):
        console.print(visible(text), markup=False)

    if results.missing():
        # Filling the cache now keeps two trainings from doing so at once.
        pictures = _prepare(results, data)
        estimates = estimate(results, pictures, jobs, show)
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
    """Fills the pixel cache; returns each missing cell's training pictures."""
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
            started = {cell.name for cell in running.values()}
            for cell in filter(results.is_ready, results.missing()):
                if len(running) < jobs and cell.name not in started:
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
    for cell in results.missing():  # cells whose teacher has failed
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
    else:  # also if the CSV file has a result of an earlier training
        reason = reason or "it wrote no result"
        results.failed[cell.name] = f"{reason} (see {process.log})"
    results.write()
    progress.ended(cell, process.seconds())
