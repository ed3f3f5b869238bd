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

from kerasfg.data.files.find import Found
from kerasfg.data.files.find import is_hidden
from kerasfg.data.files.find import natural
from kerasfg.data.files.find import problem_of
from kerasfg.data.files.formats import HEAD
from kerasfg.data.files.formats import RAW
from kerasfg.data.files.formats import is_picture
from kerasfg.data.files.formats import picture_suffixes
from kerasfg.data.files.formats import suffix_of
from kerasfg.data.files.left_out import ODD_PATH
from kerasfg.data.files.left_out import SYSTEM
from kerasfg.data.files.left_out import TWICE
from kerasfg.data.files.left_out import kind_of
from kerasfg.data.sources.folder import TABLES
from kerasfg.data.sources.found_table import FOUND
from kerasfg.data.sources.found_table import found_layout
from kerasfg.data.sources.layout import LayoutReader
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.listing import Picture

# A member, and all of them together, may unpack to so many bytes.
MAX_MEMBER = 256 * 2**20
MAX_TOTAL = 2**40
MAX_MEMBERS = 2_000_000
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
    members, left_out = _members(archive, infos)
    prefix = _wrapper(members)
    notes = []
    if prefix:
        notes = [f"The one folder {prefix!r} of {path} is looked into."]
        members = [
            dataclasses.replace(m, name=m.name[len(prefix) + 1 :])
            for m in members
        ]
    found = _sort(members, left_out)
    tables = [name for name, _ in found.left_out if name in TABLES]
    if tables:
        raise ValueError(
            f"A zip file's {tables[0]} is not read: unpack the zip file and "
            f"name its folder. {received}"
        )
    table = [member for member in members if member.name == FOUND]
    layout = found_layout(found, table[0], received) if table else None
    layout = layout or LayoutReader(found, path, class_level).read()
    pictures = [
        Picture(member.name, class_name, member, split=split)
        for member, class_name, split in layout.files
    ]
    return Listing(
        pictures,
        str(path),
        left_out=found.left_out + layout.left_out,
        notes=notes + layout.notes,
    )


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


def _members(archive, infos):
    """Returns the members with clean names, and what is left out."""
    members, left_out = {}, []
    for info in infos:
        name = _name(info).replace("\\", "/")
        parts = name.split("/")
        if any(part in ("", "..", ".") or "\0" in part for part in parts):
            left_out.append((name, ODD_PATH))
        elif any(map(is_hidden, parts)):
            left_out.append((name, SYSTEM))
        elif name in members:
            left_out.append((name, TWICE))
        else:
            members[name] = Member(archive, info, name)
    return list(members.values()), left_out


def _name(info):
    """Undoes the code page 437 that zipfile takes for names of macOS."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return info.filename


def _wrapper(members):
    """Returns the one folder on top if there are folders in it, or `""`."""
    tops = {member.name.split("/")[0] for member in members}
    depths = [member.name.count("/") for member in members]
    if len(tops) != 1 or max(depths, default=0) < 2:
        return ""
    inner = {m.name.split("/")[1] for m in members if m.name.count("/") > 1}
    return tops.pop() if len(inner) > 1 else ""


def _sort(members, left_out):
    """Tells pictures from other members; returns `Found`."""
    suffixes = picture_suffixes()
    pictures, left_out, folders = [], list(left_out), {}
    members = sorted(
        members, key=lambda m: [natural(part) for part in m.name.split("/")]
    )
    for member in members:
        parts = member.name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folders["/".join(parts[:depth])] = None
        suffix = suffix_of(member.name)
        if suffix in suffixes:
            pictures.append(member)
            continue
        try:
            head = b"." if suffix in RAW else member.read(HEAD)
        except OSError:
            head = b"."
        if is_picture(head):
            pictures.append(member)
        else:
            left_out.append((member.name, kind_of(member.name, head)))
    return Found(pictures, list(folders), left_out)
