"""Reads a zip file of class folders without unpacking it."""

from __future__ import annotations

import dataclasses
import io
import lzma
import os
import pathlib
import struct
import zipfile
import zlib

from kerasfg.data.files.find import problem_of
from kerasfg.data.sources.archives.members import MAX_MEMBER
from kerasfg.data.sources.archives.members import MAX_MEMBERS
from kerasfg.data.sources.archives.members import MAX_TOTAL
from kerasfg.data.sources.archives.members import list_members
from kerasfg.data.sources.listing import Listing

# Above a gigabyte, a file that grows more than this is no set of pictures.
MAX_GROWTH, SMALL = 100, 2**30
_PART = 4096  # bytes
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip file; as `kerasfg.data.files.find.FoundFile`."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    name: str
    problem: str | None = None

    def open(self):
        """Unpacks it to memory and opens that; `OSError` if it is broken."""
        if self.info.file_size > MAX_MEMBER:
            raise OSError(f"more than {MAX_MEMBER} bytes")
        return io.BytesIO(self.read(self.info.file_size))

    def read(self, size):
        """Returns its first bytes."""
        try:
            with self.archive.open(self.info) as member:
                return _unpack(member, self.info, size)
        except (*_DAMAGED, ValueError, EOFError) as error:
            raise OSError(f"damaged in the zip file ({error})") from error
        except (NotImplementedError, RuntimeError) as error:
            raise OSError(str(error)) from error


def list_zip(filepath: str | os.PathLike[str], class_level: int = 0) -> Listing:
    """Lists the pictures of a zip file of class folders.

    Its folders are taken as those of `kerasfg.data.from_folder`; one folder
    around all of them is left away. In the zip file of the phone app, the
    table `found.csv` has the names of the classes as they are.

    Args:
        filepath: Path of the zip file.
        class_level: See `from_folder`. Defaults to `0`.

    Returns:
        `Listing`.

    Raises:
        ValueError: If it is no zip file, is encrypted, or unpacks to more than
            pictures would; and see `from_folder`.
    """
    members = zip_members(filepath)
    return list_members(members, [], str(filepath), "zip file", class_level)


def zip_members(filepath: str | os.PathLike[str]) -> list[Member]:
    """Returns the files in a zip file, whatever their names are.

    Args:
        filepath: Path of the zip file.

    Raises:
        ValueError: See `list_zip`.
    """
    path = pathlib.Path(filepath)
    received = f"Received: directory={str(path)!r}"
    problem = problem_of(path)
    try:
        if problem:
            raise OSError(problem)
        archive = zipfile.ZipFile(path)
    except PermissionError:
        raise
    except (*_DAMAGED, NotImplementedError, OSError, ValueError) as error:
        raise ValueError(
            f"The file must be a whole zip file: {error}. {received}"
        ) from error
    # Not `is_dir()`, which fails for a name of no letters.
    infos = [x for x in archive.infolist() if not x.filename.endswith("/")]
    _check(archive, infos, received)
    return [Member(archive, x, _name(x).replace("\\", "/")) for x in infos]


def _unpack(member, info, size):
    """Returns the first bytes of a member; a bomb takes little memory."""
    if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return member.read(size)
    # The others unpack all that they read, whatever was asked for.
    found = bytearray()
    while len(found) < size:
        part = member.read(min(_PART, size - len(found)))
        if not part:
            break
        found += part
    return bytes(found)


def _check(archive, infos, received):
    total = sum(info.file_size for info in infos)
    packed = os.fstat(archive.fp.fileno()).st_size
    if any(info.flag_bits & 1 for info in infos):
        raise ValueError(
            f"The zip file must not be encrypted: unpack it. {received}"
        )
    if (
        len(infos) > MAX_MEMBERS
        or total > MAX_TOTAL
        or total > max(SMALL, packed * MAX_GROWTH)
    ):
        raise ValueError(
            f"The zip file unpacks to {len(infos)} files of {total} bytes, "
            "more than pictures would: unpack it yourself if you trust it. "
            f"{received}"
        )


def _name(info):
    """Undoes the code page 437 that zipfile takes for names of macOS."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return info.filename
