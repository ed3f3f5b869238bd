"""Errors of writing that name the user's folder and what to do."""

import contextlib
import errno
import os
import pathlib

_FULL = "No space is left on the disk: free some space, then try again"
_FORBIDDEN = "This may not be written: check its permissions, or name another"
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "The quota of the disk is used up: free some space, then try "
    "again",
    errno.EFBIG: "A file is larger than the disk or this process may write: "
    "raise the limit (ulimit -f), or name another folder",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: "The disk is read-only: name another folder",
    errno.ENOTDIR: "A part of a path is a file, not a folder: name another one",
    errno.EEXIST: "This must be a folder, and is a file: name another one",
    errno.EISDIR: "This must be a file, and is a folder: move it away, or name "
    "another folder",
    errno.ENAMETOOLONG: "The name is too long: name another one",
    errno.ENOENT: "The folder of this must exist: name another one",
    errno.EIO: "The disk failed: check it, or name another folder",
}
# How libraries report a full disk whose errors have no number.
_FULL_TEXTS = ("No space left on device", "errno = 28", "ENOSPC")


class WriteError(OSError):
    """A place cannot be written; the message is a sentence without a number."""

    def __str__(self):
        return str(self.args[-1])


@contextlib.contextmanager
def naming(place):
    """Renames what a failed write names to the place that the user knows.

    Args:
        place: The folder or file that the user gave; what is written may be a
            temporary file inside it.

    Raises:
        WriteError: In place of an `OSError` of the system about writing, or of
            any error of a library that reports a full disk.

    Example:

    >>> with naming("run"):
    ...     written = True
    """
    try:
        yield
    except WriteError:
        raise
    except Exception as error:
        code = _code(error)
        if code not in _REASONS or _is_elsewhere(error, place):
            raise
        text = f"{_REASONS[code]}. Received: {place}"
        raise WriteError(code, text) from error


def make_folder(folder):
    """Makes a folder and those above it, where they do not exist.

    Args:
        folder: The folder.

    Returns:
        List of `pathlib.Path`s that were made, the outermost first.

    Raises:
        WriteError: If it cannot be made.
    """
    folder = pathlib.Path(folder)
    with naming(folder):
        made = []
        for path in (folder, *folder.parents):
            if path.is_dir():
                break
            made.insert(0, path)
        folder.mkdir(parents=True, exist_ok=True)
    return made


def says_full(error):
    """Returns whether an error, of whatever library, means that a disk is full.

    Args:
        error: The exception.
    """
    return any(text in str(error) for text in _FULL_TEXTS)


def _code(error):
    if says_full(error):
        return errno.ENOSPC
    return error.errno if isinstance(error, OSError) else None


def _is_elsewhere(error, place):
    """Whether the error names a file that is neither `place` nor near it."""
    named = getattr(error, "filename", None)
    if not isinstance(named, (str, os.PathLike)):
        return False
    place = os.path.abspath(place)
    near = (place, os.path.dirname(place))
    named = os.path.abspath(named)
    return not (place.startswith(named) or named.startswith(near))
