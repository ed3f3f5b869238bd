"""A picture file in a bucket or at a web address."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import os
import pathlib
import tempfile
from typing import BinaryIO

from kerasfg.atomic_file import TEMPORARY_PREFIX
from kerasfg.data.remote.disk_cache import LIMIT
from kerasfg.data.remote.disk_cache import remote_cache
from kerasfg.data.remote.download import download
from kerasfg.data.remote.download import look_up
from kerasfg.data.remote.errors import Halted
from kerasfg.write_errors import WriteError
from kerasfg.write_errors import naming

MAX_PICTURE = 128 * 2**20  # bytes
THREADS = 32  # that wait for servers at a time


@dataclasses.dataclass(frozen=True, slots=True)
class RemoteFile:
    """A picture elsewhere; as `kerasfg.data.files.find.FoundFile`.

    Attributes:
        name: POSIX path relative to its place.
        address: Its address.
        version: What changes with its content; `""` if it must be asked for.
        size: Its bytes, or `None`.
    """

    name: str
    address: str
    version: str = ""
    size: int | None = None
    problem: str | None = None

    def read(self, size):
        """Stands for its first bytes; it is known by its name alone."""
        return b"" if self.size == 0 else b"."[:size]

    def open(self) -> BinaryIO:
        """Opens it, kept in the cache; `OSError` if it cannot be had."""
        key, size = self._known()
        return remote_cache().open(
            key,
            lambda path: download(self.address, path, MAX_PICTURE, size),
        )

    def open_once(self) -> BinaryIO:
        """Opens it without keeping it; `OSError` if it cannot be had."""
        cache = remote_cache()
        try:
            folder = cache.own_folder()
            with naming(folder):
                return self._open_once(folder)
        except WriteError as error:
            raise Halted(str(error)) from error

    def _open_once(self, folder):
        handle, path = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=folder)
        os.close(handle)
        try:
            download(self.address, path, MAX_PICTURE, self.size)
            return _Unkept(path)
        finally:
            # Where an open file cannot be removed, the cache does it later.
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _known(self):
        version, size = self.version, self.size
        if not version:
            version, size = _look_up(self.address)
        return f"{self.address}\n{version}", size


class _Unkept(io.FileIO):
    """A file that may be forgotten, as those ahead are when all ends."""

    def __del__(self):
        self.close()


@functools.lru_cache(100_000)
def _look_up(address):
    """A file does not change for a process."""
    return look_up(address)


def local_copy(
    address: str, version: str = "", size: int | None = None
) -> pathlib.Path:
    """Downloads a list or an archive to the cache.

    Args:
        address: Its address.
        version: As of `RemoteFile`, as is the size. Defaults to `""`.
        size: Defaults to `None`.

    Returns:
        Path of the file in the cache.

    Raises:
        ValueError: If it cannot be had.
        Halted: If no file can be had.
        ImportError: If a package is not installed.
    """
    cache = remote_cache()
    try:
        if not version:
            version, size = _look_up(address)
        if size is not None and size > cache.largest:
            raise OSError(
                f"it has {size / 1e9:.1f} GB, more than the cache may hold: "
                f"set {LIMIT} to {size / 0.8e9:.3g}, as its limit is "
                f"{cache.limit / 1e9:g}"
            )
        return cache.fetch(
            f"{address}\n{version}",
            lambda path: download(address, path, cache.largest, size),
        )
    except OSError as error:
        raise ValueError(
            f"The file could not be read: {error}. "
            f"Received: directory={address!r}"
        ) from error
