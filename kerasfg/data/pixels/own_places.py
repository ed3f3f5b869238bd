"""Uses only the places of a cache, even if a stranger put links there.

A link in such a place is never followed to write or to remove something: it is
removed itself.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import stat
import tempfile
import time

from kerasfg.write_errors import WriteError

# Prefix of the names of folders that are not finished, or are removed.
MAKING = ".making-"


def discard(path: pathlib.Path) -> None:
    """Removes a folder, a file or a link, after moving it in one atomic step.

    Args:
        path: The path to remove. It may be missing.

    Raises:
        WriteError: If it cannot be removed.
    """
    try:
        away = tempfile.mkdtemp(prefix=MAKING, dir=path.parent)
        try:
            os.replace(path, os.path.join(away, "damaged"))
        finally:
            shutil.rmtree(away, ignore_errors=True)
    except FileNotFoundError:
        pass  # another process has removed it
    except OSError as error:
        raise WriteError(
            error.errno,
            "This belongs to the cache, is damaged and cannot be removed "
            f"({error.strerror}): remove it, or set the environment variable "
            f"KERASFG_CACHE to another folder. Received: {path}",
        ) from error


def own_file(path: pathlib.Path) -> None:
    """Removes anything in the place of a file that is not a regular file.

    That is a folder, a pipe, a link, or a file that has another name as well.

    Raises:
        WriteError: If it cannot be removed.
    """
    with contextlib.suppress(FileNotFoundError):
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            discard(path)


def own_folder(path: pathlib.Path) -> None:
    """Makes a folder that holds only its own files.

    An existing one is kept.

    Raises:
        WriteError: If something else is there and cannot be removed.
    """
    if os.path.lexists(path) and (path.is_symlink() or not path.is_dir()):
        discard(path)
    path.mkdir(exist_ok=True)
    for inside in path.iterdir():
        own_file(inside)


def remove_forgotten(parent: pathlib.Path, seconds: float) -> None:
    """Removes files that killed processes left in a folder.

    Args:
        parent: The folder.
        seconds: Time in which nothing of it has been written.
    """
    for path in parent.glob(f"{MAKING}*"):
        with contextlib.suppress(OSError):
            newest = max(p.lstat().st_mtime for p in (path, *path.glob("*")))
            if time.time() - newest > seconds:
                discard(path)
