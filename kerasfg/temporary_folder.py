"""A folder for temporary files, with a clear error if its disk is full."""

import contextlib
import errno
import shutil
import tempfile

from kerasfg.write_errors import WriteError
from kerasfg.write_errors import says_full

_SMALL = 2**20  # bytes; with less, a library's error is for lack of space


@contextlib.contextmanager
def temporary_folder():
    """Yields the path of a new folder, which is removed at the end.

    Raises:
        WriteError: If the disk is full, in place of what a library raises.

    Example:

    >>> import os
    >>> with temporary_folder() as folder:
    ...     is_there = os.path.isdir(folder)
    >>> is_there, os.path.isdir(folder)
    (True, False)
    """
    place = "the folders for temporary files"
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = tempfile.gettempdir()
            try:
                yield folder
            except Exception as error:
                if _is_full(folder, error):
                    raise _full(place) from error
                raise
    except FileNotFoundError as error:  # none of them can be written
        if "No usable temporary directory" not in str(error):
            raise
        raise _full(place) from error


def _is_full(folder, error):
    return says_full(error) or shutil.disk_usage(folder).free < _SMALL


def _full(place):
    return WriteError(
        errno.ENOSPC,
        "No space is left for temporary files: free some space there, or name "
        "another folder in the environment variable TMPDIR. "
        f"Received: {place}",
    )
