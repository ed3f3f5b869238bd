"""Finds the file of a path that a list may have from another system."""

from __future__ import annotations

import os
import unicodedata


def spelled_here(folder: str | os.PathLike[str], path: str) -> str | None:
    """Returns a path as its file is spelled on this disk.

    Windows writes backslashes, macOS may take accents apart, and hands leave
    blanks around a path.

    Args:
        folder: Folder that the path is relative to.
        path: Path as a list has it.

    Returns:
        The first spelling of which there is a file, `None` if there is none.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     os.mkdir(os.path.join(folder, "a"))
    ...     open(os.path.join(folder, "a", "1.jpg"), "w").close()
    ...     print(spelled_here(folder, "a\\\\1.jpg "))
    ...     print(spelled_here(folder, "a/2.jpg"))
    a/1.jpg
    None
    """
    spellings = {}  # a set that keeps the order
    for text in (path, path.strip()):
        slashes = text.replace("\\", "/")
        spellings[text] = spellings[slashes] = None
        for form in ("NFC", "NFD"):
            spellings[unicodedata.normalize(form, slashes)] = None
    for spelled in spellings:
        # also False for a text that cannot be a path
        if os.path.exists(os.path.join(folder, spelled)):
            return spelled
    return None
