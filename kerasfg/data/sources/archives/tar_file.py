"""Reads a tar file of class folders without unpacking it."""

from __future__ import annotations

import dataclasses
import io
import os
import pathlib
import tarfile
import threading
from collections.abc import Iterator
from typing import BinaryIO

from kerasfg.data.files.find import problem_of
from kerasfg.data.files.left_out import SPECIAL
from kerasfg.data.sources.archives.members import MAX_MEMBER
from kerasfg.data.sources.archives.members import MAX_MEMBERS
from kerasfg.data.sources.archives.members import list_members
from kerasfg.data.sources.listing import Listing

_DAMAGED = (
    tarfile.TarError,
    EOFError,
    OverflowError,
    ValueError,
    RecursionError,  # of one header that is about another, and so on
)
# What stands before a member, such as a long name, is read into memory.
_MAX_HEADER = 2**20


@dataclasses.dataclass(frozen=True, slots=True)
class TarMember:
    """A file in a tar file; as `kerasfg.data.files.find.FoundFile`."""

    archive: _Bytes
    name: str
    start: int
    size: int
    problem: str | None = None

    def open(self):
        """Reads it to memory and opens that; `OSError` if it is too large."""
        if self.size > MAX_MEMBER:
            raise OSError(f"more than {MAX_MEMBER} bytes")
        return io.BytesIO(self.read(self.size))

    def read(self, size):
        """Returns its first bytes."""
        return self.archive.read_at(self.start, min(size, self.size))


def list_tar(filepath: str | os.PathLike[str], class_level: int = 0) -> Listing:
    """Lists the pictures of a tar file of class folders.

    Its folders are taken as those of `kerasfg.data.from_folder`; one folder
    around all of them is left away. Links and devices are left out, and so
    are names that lead out of the file.

    Args:
        filepath: Path of the tar file, not compressed.
        class_level: See `from_folder`. Defaults to `0`.

    Returns:
        `Listing`.

    Raises:
        ValueError: If it is no whole tar file, or has more members than
            pictures would; and see `from_folder`.
    """
    left_out = []
    members = tar_members(filepath, left_out)
    return list_members(
        members, left_out, str(filepath), "tar file", class_level
    )


def tar_members(
    filepath: str | os.PathLike[str], left_out: list[tuple[str, str]]
) -> Iterator[TarMember]:
    """Yields the files in a tar file, whatever their names are.

    Args:
        filepath: Path of the tar file.
        left_out: Gets pairs of the name of a link or a device and its kind.

    Yields:
        `TarMember`; those before are not kept, however many there are.

    Raises:
        ValueError: If it is no whole tar file, or has too many members.
    """
    path = pathlib.Path(filepath)
    received = f"Received: directory={str(path)!r}"
    problem = problem_of(path)
    count = 0
    try:
        if problem:
            raise tarfile.ReadError(problem)
        archive = _Bytes(open(path, "rb"))
        # Not compressed: then nothing in it can be found without reading all.
        with tarfile.open(fileobj=archive.headers(), mode="r:") as tar:
            while (info := tar.next()) is not None:
                # Else it would keep them all.
                tar.members.clear()  # pyright: ignore[reportAttributeAccessIssue]
                count += 1
                if count > MAX_MEMBERS:
                    raise tarfile.ReadError(f"more than {MAX_MEMBERS:,} files")
                if info.size < 0:  # it would lead back to what was read
                    raise tarfile.ReadError("a size below 0")
                name = info.name.removeprefix("./")
                if info.isreg() and info.sparse is None:
                    yield TarMember(archive, name, info.offset_data, info.size)
                elif not info.isdir():
                    left_out.append((name, SPECIAL))
            archive.check_end(tar.offset)
    except _DAMAGED as error:
        raise ValueError(
            f"The file must be a whole tar file, not compressed: {error}. "
            f"{received}"
        ) from error


class _Bytes:
    """An open file that several threads read parts of."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.size = os.fstat(file.fileno()).st_size
        self.lock = threading.Lock()

    def __del__(self):
        self.file.close()

    def read_at(self, start, size):
        with self.lock:
            self.file.seek(start)
            data = self.file.read(size)
        if len(data) < size:
            raise OSError("the tar file is cut off")
        return data

    def headers(self):
        return _Headers(self)

    def check_end(self, place):
        """Checks that nothing but zeros ends it; `tarfile` takes anything."""
        left = max(0, self.size - place)
        block = self.read_at(place, min(left, tarfile.BLOCKSIZE))
        if block.strip(b"\0") or 0 < left < tarfile.BLOCKSIZE:
            raise tarfile.ReadError(f"damaged at byte {place}")


class _Headers(io.RawIOBase):
    """The same file for `tarfile`, which reads nothing large of it."""

    def __init__(self, parts):
        self._parts = parts
        self._place = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._place

    def seek(self, offset, whence=os.SEEK_SET):
        if whence != os.SEEK_SET:
            raise io.UnsupportedOperation("only from the beginning")
        self._place = offset
        return offset

    def read(self, size=-1):
        if not 0 <= size <= _MAX_HEADER:
            raise tarfile.ReadError("a header of it is too large")
        left = self._parts.size - self._place
        if left <= 0:  # no file is so large that the system could say so
            return b""
        data = self._parts.read_at(self._place, min(size, left))
        self._place += len(data)
        return data
