"""Opens pictures ahead of their decoding, where they come from afar."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from typing import BinaryIO

from kerasfg.data.files.find import problem_of
from kerasfg.data.files.openable import OpenablePath
from kerasfg.data.progress import in_order
from kerasfg.data.remote.address import is_remote
from kerasfg.data.remote.remote_file import THREADS
from kerasfg.data.remote.remote_file import RemoteFile

_AHEAD = 32  # files that wait, on the disk, for their decoding


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A picture that can be decoded.

    Attributes:
        path: Its path or address.
        file: What `kerasfg.data.pixels.decode.decode_image` takes.
        problem: Why it cannot be read, or `None`.
    """

    path: str
    file: str | BinaryIO
    problem: str | None = None

    def close(self):
        """Frees what a file elsewhere takes."""
        if not isinstance(self.file, str):
            with contextlib.suppress(OSError):
                self.file.close()


def opened(path: str | Opened) -> Opened:
    """Opens a picture in an archive or elsewhere; others are only looked at.

    Args:
        path: A path, an `OpenablePath`, an address, or what is `Opened`.
    """
    if isinstance(path, Opened):
        return path
    text = str(path)
    if isinstance(path, OpenablePath):
        file = path
    elif is_remote(text):
        file = OpenablePath(text, RemoteFile(text, text))
    else:  # opening a pipe would wait for ever
        return Opened(text, text, problem_of(text))
    try:
        return Opened(text, file.open_once())
    except OSError as error:
        return Opened(text, text, " ".join(str(error).split()))


def opened_ahead(paths: Iterable[str]) -> Iterator[Opened]:
    """Opens pictures in many threads, in order, some ahead.

    Args:
        paths: As of `opened`.
    """
    return in_order(opened, paths, _AHEAD, THREADS)
