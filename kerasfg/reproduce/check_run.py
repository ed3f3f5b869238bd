"""Checks that a run folder matches a grid's recipe."""

from pathlib import Path

from kerasfg.config.effort import set_by
from kerasfg.config.sections.training import SETTLED
from kerasfg.reproduce.cell import place_in
from kerasfg.reproduce.cell import recipe_to_train
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text


def check_run(run, cell, grid):
    """Raises `ValueError` if a run does not belong to a cell of the grid.

    Its recipe must be the cell's, except for the place of the pictures, which
    may have moved. So must the recipe of its teacher. If the run has ended, it
    must have the `euclidean` rule of the cell.

    Args:
        run: A `RunFolder`; it need not exist.
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
    """Writes the digest of the teacher, if there is one, into a run folder.

    Args:
        run: The `RunFolder` of a finished training.
        cell: The `Cell` of the training.
        grid: The `Grid`.
    """
    if cell.teacher:
        write_text(_note(run), cell.teacher.digest(grid) + "\n")


def _check_recipe(run, cell, grid):
    found = run.read_recipe()
    data = place_in(cell.recipe(grid, "{data}").data.path, found.data.path)
    teachers = Path(found.teacher.run).parent
    expected = recipe_to_train(cell, grid, data, teachers).values()
    if expected["batch_size"] == "auto":  # the run holds the chosen number
        expected |= {key: found.values()[key] for key in SETTLED}
    effort = expected["effort"]
    if effort == found.training.effort != "quick":  # it holds what that set
        expected |= {key: found.values()[key] for key in set_by(effort)}
    if found.data.leave_out == str(run.decisions):
        expected["leave_out"] = _same_decisions(run, expected["leave_out"])
    differing = [
        f"{name}={value!r}"
        for name, value in found.values().items()
        if value != expected[name]
    ]
    if differing:
        _refuse(run, differing)


def _same_decisions(run, filepath):
    """Returns the run's copy of a file if the two are equal, else the file."""
    try:
        same = Path(filepath).read_bytes() == run.decisions.read_bytes()
    except OSError:
        same = False
    return str(run.decisions) if same else filepath


def _check_teacher(run, teacher, grid):
    """Uses `teacher.txt`, otherwise the teacher's run, if it exists."""
    if _note(run).exists():
        digest = _note(run).read_text("utf-8").strip()
        if digest != teacher.digest(grid):
            _refuse(run, [f"teacher {teacher.name} of another recipe"])
        return
    teacher_run = RunFolder(run.path.with_name(teacher.name))
    if teacher_run.recipe.exists():
        try:
            _check_recipe(teacher_run, teacher, grid)
        except ValueError:
            _refuse(run, [f"teacher {teacher.name} of another recipe"])


def _note(run):
    return run.path / "teacher.txt"


def _refuse(run, differing):
    raise ValueError(
        "The run folder must have the grid's recipe: remove it, or choose "
        "another folder with --out. "
        f"Received: run={str(run.path)!r} with {', '.join(differing)}"
    )
