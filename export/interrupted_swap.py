"""Finishes what a killed process left undone in a folder of files.

`replaced_files` writes into a hidden folder and then moves the files by
renames. Just before the first, it writes what it is about to do to
`swap.json`. If that file exists, the new files are whole, and the moves are
finished. Without it nothing was moved, and the hidden folder is removed.
"""

import contextlib
import json
import os
import pathlib
import shutil

from kerasfg.atomic_file import HIDDEN_PREFIX
from kerasfg.atomic_file import replacing
from kerasfg.folder_lock import LOCK
from kerasfg.folder_lock import locked_folder
from kerasfg.given_file import read_given

NEW, PREVIOUS, PLAN = "new", "previous", "swap.json"


def write_plan(folder, previous, names):
    """Notes the moves that are about to begin.

    Args:
        folder: The hidden folder, with the new files in `new`.
        previous: Names of the files to move away, in order.
        names: Names of the files to move in, in order.
    """
    plan = {"previous": list(previous), "new": list(names)}
    with replacing(folder / PLAN) as temporary_path:
        temporary_path.write_text(json.dumps(plan), encoding="utf-8")


def moves_of(out, folder, previous, names):
    """Lists the moves as pairs of paths, in order.

    Args:
        out: The folder of the user.
        folder: The hidden folder inside it.
        previous, names: See `write_plan`.
    """
    away = [(out / name, folder / PREVIOUS / name) for name in previous]
    return away + [(folder / NEW / name, out / name) for name in names]


def finish(out):
    """Finishes interrupted moves, and removes hidden leftovers.

    Args:
        out: The folder, whose lock this process holds.
    """
    for path in sorted(pathlib.Path(out).glob(f"{HIDDEN_PREFIX}*")):
        if path.name == LOCK:
            continue
        if not path.is_dir() or path.is_symlink():
            path.unlink(missing_ok=True)
            continue
        plan = _read_plan(path)
        if plan is not None:
            _finish(pathlib.Path(out), path, **plan)
        shutil.rmtree(path, ignore_errors=True)


def finish_if_interrupted(out):
    """Finishes interrupted moves before the files of `out` are read.

    Nothing is done while another process writes the folder, or where this one
    may not write it.

    Args:
        out: The folder, which need not exist.
    """
    out = pathlib.Path(out)
    if not any(out.glob(f"{HIDDEN_PREFIX}*/{PLAN}")):
        return
    with contextlib.suppress(ValueError, OSError):
        with locked_folder(out, "finishing an export"):
            finish(out)


def _finish(out, folder, previous, new):
    (folder / PREVIOUS).mkdir(exist_ok=True)
    for source, target in moves_of(out, folder, previous, new):
        # A move was made if its target is away, or its source is.
        if source.parent == out and os.path.lexists(target):
            continue
        with contextlib.suppress(FileNotFoundError):
            os.rename(source, target)


def _read_plan(folder):
    """Returns the plan in a hidden folder, `None` if there is no whole one."""
    try:
        plan = json.loads(read_given(folder / PLAN))
        previous, new = plan["previous"], plan["new"]
    except (ValueError, OSError, RecursionError, KeyError, TypeError):
        return None
    for name in (*previous, *new):
        if not isinstance(name, str) or name != os.path.basename(name):
            return None
        if name in ("", ".", "..") or name.startswith(HIDDEN_PREFIX):
            return None
    return {"previous": previous, "new": new}
