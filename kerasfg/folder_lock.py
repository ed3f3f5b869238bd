"""Keeps two processes from writing the same folder."""

import contextlib
import datetime
import json
import os
import pathlib
import socket

import filelock

from kerasfg.write_errors import make_folder
from kerasfg.write_errors import naming

LOCK = ".kerasfg-lock"
_MAX_BYTES = 1000


@contextlib.contextmanager
def locked_folder(folder, what):
    """Holds the lock of a folder inside a `with`.

    The system frees the lock of a process that ends, in whatever way. The lock
    is a file in the folder, which is removed at the end, as is a folder that
    was made for it and is empty.

    Args:
        folder: The folder, made if it does not exist.
        what: What is done there, such as `"training"`, for the second process.

    Raises:
        ValueError: If another process holds the lock; the message names it.
        WriteError: If the folder cannot be made or written.
    """
    folder = pathlib.Path(folder)
    made = make_folder(folder)
    file = folder / LOCK
    with naming(folder):
        lock = filelock.FileLock(file, is_singleton=False)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            raise ValueError(_held(folder, file)) from None
    try:
        _write_holder(file, what)
        yield
    finally:
        # Removed while it is held, as filelock allows: one who waits for the
        # removed file notices.
        with contextlib.suppress(OSError):
            file.unlink()
        lock.release()
        for path in reversed(made):
            with contextlib.suppress(OSError):  # it is not empty
                path.rmdir()


def check_unlocked(folder):
    """Checks, without waiting, that no other process holds the lock now.

    Raises:
        ValueError: If one does; see `locked_folder`.
    """
    file = pathlib.Path(folder) / LOCK
    if file.is_file():
        with locked_folder(folder, "looking"):
            pass


def _write_holder(file, what):
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.datetime.now().astimezone().isoformat(" ", "seconds"),
        "what": what,
    }
    with contextlib.suppress(OSError):  # it only helps the second process
        file.write_text(json.dumps(holder))


def _held(folder, file):
    try:
        with open(file, "rb") as opened:
            found = json.loads(opened.read(_MAX_BYTES))
        who = (
            f"process {found['pid']} on {found['host']}, since "
            f"{found['since']} ({found['what']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return (
        f"The folder is in use by {who}: wait until it ends, or name another "
        f"folder. Received: {str(folder)!r}"
    )
