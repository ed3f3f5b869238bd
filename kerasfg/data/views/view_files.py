"""Stores views in a folder that is complete or absent; resumes where it ended.

`views.npy` holds the pixels, `logits.npy` the teacher's for each view, and
`index.json` the digest of every part. Unfinished views are in a folder next to
it, whose `journal.txt` has a line for each part that was written.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pathlib
import shutil
import warnings
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

import filelock
import numpy as np

from kerasfg.data.pixels.array_file import new_digest
from kerasfg.data.pixels.array_file import open_array
from kerasfg.data.pixels.array_file import write_header
from kerasfg.data.pixels.own_places import MAKING
from kerasfg.data.pixels.own_places import discard
from kerasfg.data.pixels.own_places import own_file
from kerasfg.data.pixels.own_places import own_folder
from kerasfg.data.pixels.own_places import remove_forgotten
from kerasfg.given_file import read_given
from kerasfg.notice import tell
from kerasfg.write_errors import make_folder

# To be increased when the format of these files changes.
FORMAT = 1

# Of files with more parts only this many are checked, spread evenly.
_MOST_CHECKED_BYTES = 512 * 2**20
_LEAST_CHECKED_PARTS = 32

_JOURNAL = "journal.txt"
_FORGOTTEN = 7 * 24 * 3600  # seconds after which nobody will resume


class Layout(NamedTuple):
    """The contents of the files of a folder.

    Attributes:
        pictures: Number of pictures.
        part: Pictures in a part, which is written and checked at a time.
        rows: Shape and dtype of what each file holds of a picture, by the
            name of the file without its suffix.
    """

    pictures: int
    part: int
    rows: dict[str, tuple[tuple[int, ...], str]]

    @property
    def parts(self):
        """The first and the last picture plus one of each part."""
        starts = range(0, self.pictures, self.part)
        return [(i, min(i + self.part, self.pictures)) for i in starts]


def open_views(
    folder: pathlib.Path, layout: Layout
) -> dict[str, np.ndarray] | None:
    """Opens the files that `write_views` has written.

    Args:
        folder: The folder.
        layout: What it must hold.

    Returns:
        Dictionary of read-only memory-mapped arrays `(pictures, ...)`. `None`
        if the folder does not exist, or was damaged and has been removed.

    Raises:
        WriteError: If it was damaged and cannot be removed.
    """
    if not os.path.lexists(folder):
        return None
    try:
        return _open_checked(folder, layout)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        warnings.warn(
            f"The views in {folder} are damaged ({error}); they are made "
            "again.",
            stacklevel=3,
        )
        discard(folder)
        return None


def write_views(
    folder: pathlib.Path,
    layout: Layout,
    make: Callable[[list[tuple[int, int]]], Iterator[dict[str, np.ndarray]]],
) -> dict[str, np.ndarray]:
    """Writes views part by part; continues after the last written part.

    Another process that is at it is waited for, which a notice says, and its
    result is used.

    Args:
        folder: The folder.
        layout: What it is to hold.
        make: Function of some of `layout.parts` that yields their rows, one
            dictionary of arrays for each.

    Returns:
        The result of `open_views`.

    Raises:
        ValueError: If the disk has no room for them.
        OSError: If the folder cannot be written.
    """
    make_folder(folder.parent)
    lock = folder.with_name(f".lock-{folder.name}")
    own_file(lock)
    with _locked(lock, folder):
        found = open_views(folder, layout)
        if found is not None:
            return found
        remove_forgotten(folder.parent, _FORGOTTEN)
        making = folder.with_name(f"{MAKING}{folder.name}")
        _check_space(making, layout)
        try:
            _finish(making, layout, make)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                shutil.rmtree(making, ignore_errors=True)  # it fills the disk
            raise
        os.replace(making, folder)
        (folder / _JOURNAL).unlink()
        with contextlib.suppress(OSError):
            lock.unlink()  # while it is held, as filelock allows
    return _open_checked(folder, layout)


# === Writing ===


@contextlib.contextmanager
def _locked(file, folder):
    lock = filelock.FileLock(file, is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        tell(
            f"Another process is making the views in {folder}: this one waits "
            "until it has ended, and takes them."
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _check_space(folder, layout):
    """Checks that the disk has room for what is still to be written."""
    needed = layout.pictures * sum(_row_bytes(layout, x) for x in layout.rows)
    needed -= sum(file.lstat().st_size for file in folder.glob("*.npy"))
    disk = shutil.disk_usage(folder.parent)
    if disk.total and needed > disk.free:  # some disks of others tell nothing
        raise ValueError(
            "The disk must have room for the views: free some space, make "
            "fewer by `views`, or set KERASFG_CACHE to a folder on another "
            f"disk. Received: {folder.parent}, with {_size(disk.free)} free of "
            f"the {_size(needed)} that they take"
        )


def _size(count):
    return f"{count / 1e6:,.0f} MB"


def _finish(folder, layout, make):
    own_folder(folder)
    with contextlib.ExitStack() as stack:
        files = {
            name: stack.enter_context(_opened(folder, name, layout))
            for name in layout.rows
        }
        journal = folder / _JOURNAL
        done = _written(files, journal, layout)
        with open(journal, "w", encoding="ascii") as lines:
            lines.writelines(f"{digest}\n" for digest in done)
            lines.flush()
            wanted = layout.parts[len(done) :]
            for _, rows in zip(wanted, _made(make, wanted), strict=True):
                done.append(_write_part(files, rows, layout))
                lines.write(f"{done[-1]}\n")
                lines.flush()
        for file in files.values():
            file.flush()
            os.fsync(file.fileno())
    index = {"format": FORMAT, "digests": done, "layout": _as_list(layout)}
    (folder / "index.json").write_text(json.dumps(index), encoding="ascii")


def _made(make, parts):
    if parts:
        with contextlib.closing(make(parts)) as made:
            yield from made


def _opened(folder, name, layout):
    """Opens a file to continue it, after its header."""
    path = folder / f"{name}.npy"
    file = open(path, "r+b" if path.is_file() else "w+b")  # noqa: SIM115
    write_header(file, *_of_all(layout, name))
    return file


def _written(files, journal, layout):
    """Returns the digests of the parts that are whole; goes to their end."""
    noted = _noted(journal)
    digests = []
    places = {name: file.tell() for name, file in files.items()}
    for (first, end), digest in zip(layout.parts, noted, strict=False):
        found = new_digest()
        for name, file in files.items():
            size = (end - first) * _row_bytes(layout, name)
            found.update(file.read(size))
        if found.hexdigest() != digest:
            break
        digests.append(digest)
        places = {name: file.tell() for name, file in files.items()}
    for name, file in files.items():
        file.seek(places[name])
        file.truncate()
    return digests


def _noted(journal):
    try:
        return read_given(journal).decode("ascii", "replace").splitlines()
    except ValueError:
        return []


def _write_part(files, rows, layout):
    digest = new_digest()
    for name, file in files.items():
        dtype = np.dtype(layout.rows[name][1])
        array = np.ascontiguousarray(rows[name], dtype)
        digest.update(array)
        file.write(array.data)
        file.flush()
    return digest.hexdigest()


# === Reading ===


def _open_checked(folder, layout):
    index = json.loads(read_given(folder / "index.json", "index.json"))
    if index["format"] != FORMAT or index["layout"] != _as_list(layout):
        raise ValueError("the index is of other views")
    arrays = {
        name: open_array(folder / f"{name}.npy", *_of_all(layout, name))
        for name in layout.rows
    }
    digests = index["digests"]
    if len(digests) != len(layout.parts):
        raise ValueError("the index lacks a part")
    for number in _checked_parts(layout):
        first, end = layout.parts[number]
        digest = new_digest()
        for array in arrays.values():
            digest.update(np.ascontiguousarray(array[first:end]))
        if digest.hexdigest() != digests[number]:
            raise ValueError(f"part {number} has changed")
    return arrays


def _checked_parts(layout):
    """Returns the numbers of the parts to check, not all of a large file."""
    count = len(layout.parts)
    each = layout.part * sum(_row_bytes(layout, name) for name in layout.rows)
    most = max(_LEAST_CHECKED_PARTS, _MOST_CHECKED_BYTES // each)
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))


def _of_all(layout, name):
    """Returns the shape and dtype of a file."""
    shape, dtype = layout.rows[name]
    return (layout.pictures, *shape), dtype


def _row_bytes(layout, name):
    shape, dtype = layout.rows[name]
    return int(np.prod(shape, dtype="int64")) * np.dtype(dtype).itemsize


def _as_list(layout):
    return json.loads(json.dumps(layout))
