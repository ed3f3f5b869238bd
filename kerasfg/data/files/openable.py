"""A path that the system cannot open, with the object that can."""

from typing import Any


class OpenablePath(str):
    """The path of a picture in an archive or elsewhere, as it is shown.

    Args:
        text: The path.
        file: An object with `open()`, which returns a binary file or raises
            `OSError`, and where it matters `open_once()`, which keeps nothing.
    """

    file: Any

    def __new__(cls, text, file=None):
        path = super().__new__(cls, text)
        path.file = file
        return path

    def open_once(self):
        """Opens it to be read once."""
        return getattr(self.file, "open_once", self.file.open)()
