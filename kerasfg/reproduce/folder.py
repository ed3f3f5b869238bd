"""Whether a run folder is of the training that a grid has in mind."""

from pathlib import Path

from kerasfg.reproduce.cell import place_in
from kerasfg.reproduce.cell import recipe_to_train
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text


def check_folder(run, cell, grid):
    """Raises `ValueError` unless a run is of a cell of the grid.

    Its recipe must be the cell's, but for the place of the pictures, which may
    have moved; so must its teacher's; and one that has ended must compare
    features as the cell does, or train.

    Args:
        run: A `RunFolder`, of a training that may not have begun.
        cell: A `Cell`.
        grid: The `Grid`.
    """
    if not run.recipe.exists():
        return
    _check_recipe(run, cell, grid)
    if cell.teacher:
        _check_teacher(run, cell.teacher, grid)
    if run.manifest.exists():
        rule = run.read_manifest().get("euclidean", "")
        if rule != cell.euclidean:
            _refuse(run, [f"euclidean={rule!r}"])


def note_teacher(run, cell, grid):
    """Writes into a run that has ended which training taught it, if any did.

    Args:
        run: Its `RunFolder`.
        cell: Its `Cell`.
        grid: The `Grid`.
    """
    if cell.teacher:
        write_text(_note(run), cell.teacher.digest(grid) + "\n")


def _check_recipe(run, cell, grid):
    found = run.read_recipe()
    data = place_in(cell.recipe(grid, "{data}").data.path, found.data.path)
    teachers = Path(found.teacher.run).parent
    expected = recipe_to_train(cell, grid, data, teachers).values()
    differing = [
        f"{name}={value!r}"
        for name, value in found.values().items()
        if value != expected[name]
    ]
    if differing:
        _refuse(run, differing)


def _check_teacher(run, teacher, grid):
    """By the note, or without one by the teacher's own run, if it is there."""
    if _note(run).exists():
        noted = _note(run).read_text("utf-8").strip()
        if noted != teacher.digest(grid):
            _refuse(run, [f"teacher {teacher.name} of another recipe"])
        return
    taught_by = RunFolder(run.path.with_name(teacher.name))
    if taught_by.recipe.exists():
        try:
            _check_recipe(taught_by, teacher, grid)
        except ValueError:
            _refuse(run, [f"teacher {teacher.name} of another recipe"])


def _note(run):
    return run.path / "teacher.txt"


def _refuse(run, differing):
    raise ValueError(
        "The run folder must be of a training by the grid's recipe: remove it, "
        "or write elsewhere by --out. "
        f"Received: run={str(run.path)!r} with {', '.join(differing)}"
    )
