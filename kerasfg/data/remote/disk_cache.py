"""Keeps what was downloaded on this disk, up to a limit."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

import filelock

from kerasfg.atomic_file import TEMPORARY_PREFIX
from kerasfg.atomic_file import replacing
from kerasfg.cache_folder import cache_folder
from kerasfg.data.pixels.own_places import own_file
from kerasfg.data.remote.errors import Halted
from kerasfg.write_errors import WriteError
from kerasfg.write_errors import make_folder

FOLDER = "remote"
LIMIT = "KERASFG_REMOTE_CACHE_GB"
_DEFAULT = 10.0
_LOCK = ".lock"
_FORGOTTEN = 24 * 3600  # seconds until what a killed process left is removed
_ROOM = 0.9  # of the limit are kept when it is reached


class DiskCache:
    """Files in a folder that several processes share.

    A file is written under another name and renamed, so that half of one is
    never read. When the folder has reached its limit, the files that were not
    used for the longest are removed. Other processes are heard of after each
    tenth of the limit, so that each may exceed it by that.

    Args:
        folder: The folder, made if it does not exist.
        limit: Most bytes in it.
    """

    def __init__(self, folder: str | os.PathLike[str], limit: int):
        self.folder = pathlib.Path(folder)
        self.limit = limit
        self._lock = threading.Lock()
        self._new: int | None = None  # bytes since all were counted

    @property
    def largest(self) -> int:
        """Most bytes of a file that stays when room is made."""
        return int(self.limit * _ROOM)

    def open(self, key: str, write: Callable[[str], None]) -> BinaryIO:
        """Opens a file, writing it first if it is not there.

        Args:
            key: What it is, with its version.
            write: Function that writes it to a path.

        Raises:
            OSError: As `write`, which must not have the number of an error of
                the system.
            Halted: If the folder cannot be written.
        """
        for _ in range(5):
            path = self.fetch(key, write)
            # Another process may just have made room.
            with contextlib.suppress(FileNotFoundError):
                return open(path, "rb")
        raise Halted(
            "What was downloaded is removed at once to make room: raise "
            f"{LIMIT}. Received: {self.limit / 1e9:g} GB in {self.folder}"
        )

    def own_folder(self) -> pathlib.Path:
        """Returns the folder, made, without what killed processes left.

        Raises:
            WriteError: If it cannot be made.
        """
        make_folder(self.folder)
        if self._new is None:
            self._make_room(0)
        return self.folder

    def fetch(self, key: str, write: Callable[[str], None]) -> pathlib.Path:
        """Returns the path of a file, writing it if it is not there."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"))
        path = self.folder / digest.hexdigest()[:40]
        try:
            self.own_folder()
            own_file(path)
            with contextlib.suppress(FileNotFoundError):
                os.utime(path)  # when it was last used
                return path
            with replacing(path) as temporary:
                # A library would say of this that a server denies access.
                temporary.touch()
                write(str(temporary))
                size = os.path.getsize(temporary)
        except WriteError as error:
            raise Halted(str(error)) from error
        self._make_room(size)
        return path

    def _make_room(self, size):
        with self._lock:
            is_first, self._new = self._new is None, (self._new or 0) + size
            if not is_first and self._new < self.limit / 10:
                return
            self._new = 0
        lock = filelock.FileLock(self.folder / _LOCK, is_singleton=False)
        try:
            lock.acquire(blocking=False)
        except (filelock.Timeout, OSError):
            # Another process makes room; for this file it may be too late.
            self._new = self.limit
            return
        try:
            _remove_oldest(self.folder, self.limit)
        finally:
            lock.release()


def _remove_oldest(folder, limit):
    files, total = [], 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                total += facts.st_size
                files.append((facts.st_mtime, facts.st_size, entry))
    files.sort(key=lambda file: file[0])
    now = time.time()
    is_full = total > limit
    for used, size, entry in files:
        if entry.name == _LOCK:
            continue
        if entry.name.startswith(TEMPORARY_PREFIX):
            is_old = now - used > _FORGOTTEN
        else:
            is_old = is_full and total > limit * _ROOM
        if is_old:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)
                total -= size


def remote_cache() -> DiskCache:
    """Returns the cache of what is not on this disk.

    Its limit is `KERASFG_REMOTE_CACHE_GB` in the environment, by default 10.

    Raises:
        ValueError: If that is no number above 0.
    """
    text = os.environ.get(LIMIT, "")
    try:
        limit = float(text) if text.strip() else _DEFAULT
    except ValueError:
        limit = 0.0
    if not 0 < limit < 1e9:
        raise ValueError(
            f"The environment variable {LIMIT} must be a number of gigabytes "
            f"above 0. Received: {LIMIT}={text!r}"
        )
    return _of(cache_folder() / FOLDER, int(limit * 1e9))


_caches: dict[tuple[pathlib.Path, int], DiskCache] = {}


def _of(folder, limit):
    return _caches.setdefault((folder, limit), DiskCache(folder, limit))
