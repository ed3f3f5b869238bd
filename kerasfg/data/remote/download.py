"""Downloads files, with limits on size and time and with new attempts."""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

from kerasfg.data.remote.address import BUCKETS
from kerasfg.data.remote.address import check_address
from kerasfg.data.remote.address import scheme_of
from kerasfg.data.remote.connection import connection
from kerasfg.data.remote.errors import CREDENTIALS
from kerasfg.data.remote.errors import NETWORK
from kerasfg.data.remote.errors import Halted
from kerasfg.data.remote.errors import cause_of
from kerasfg.data.remote.errors import describe
from kerasfg.data.remote.errors import is_of_this_disk
from kerasfg.data.remote.errors import kind_of_error

_PAUSES = (0.5, 2.0, None)  # seconds after each attempt that fails
# After so many files in a row that the network failed for, nothing is asked.
_MOST_LOST = 20
# Slower than so many bytes a second, after so many seconds, is given up.
_SLOWEST, _PATIENCE = 10_000, 60
_VERSIONS = (
    *("ETag", "etag", "generation", "md5Hash", "Content-MD5", "Digest"),
    *("Last-Modified", "LastModified", "updated"),
)


def download(
    address: str, path: str, max_bytes: int, size: int | None = None
) -> None:
    """Downloads a file.

    Args:
        address: Its address.
        path: Where to write it; half of it may be there after an error.
        max_bytes: Most bytes that it may have.
        size: Its bytes, where a bucket has said so. Defaults to `None`.

    Raises:
        OSError: If this file cannot be had; the message is a clause.
        Halted: If no file can be had.
        ImportError: If a package is not installed.
    """
    check_address(address, is_place=False)
    files = connection(address)
    scheme = scheme_of(address)
    # gcsfs would ask for the size first, to take several parts at a time.
    options = {"concurrency": 1} if scheme == "gs" else {}

    def attempt():
        watch = _Watch(max_bytes)
        watch.set_size(size)
        files.get_file(address, path, callback=watch, **options)
        # What a web server says of a file alone may be wrong, such as 0.
        has_size = size is not None and scheme in BUCKETS
        if has_size and os.path.getsize(path) != size:
            raise ConnectionError(f"{os.path.getsize(path)} of {size} bytes")

    asked(attempt, address)


def look_up(address: str) -> tuple[str, int | None]:
    """Asks what version of a file there is.

    Args:
        address: Its address.

    Returns:
        A text that changes with its content, or with each process where the
        server says nothing of that; and its bytes, where they are known.

    Raises:
        OSError: As `download`, and likewise the others.
    """
    check_address(address, is_place=False)
    files = connection(address)
    return version_of(asked(lambda: files.info(address), address))


def version_of(facts: dict[str, Any]) -> tuple[str, int | None]:
    """Returns the version and the size of a file, of what a server says."""
    said = next((facts[name] for name in _VERSIONS if facts.get(name)), None)
    size = facts.get("size", facts.get("Size"))
    size = None if size is None else int(size)
    return f"{said or _THIS_PROCESS} {size}", size


_THIS_PROCESS = uuid.uuid4().hex


def asked(function, address):
    """Calls a function that asks a server, again where it is worth it."""
    for pause in _PAUSES:
        _lost.check()
        try:
            result = function()
        except (_TooMuch, ImportError):
            raise
        except Exception as error:  # of the classes of three libraries
            if is_of_this_disk(error):
                raise
            if scheme_of(address) not in BUCKETS:
                error = cause_of(error)
            kind = kind_of_error(error)
            if kind == NETWORK and pause is not None:
                time.sleep(pause)
                continue
            _give_up(kind, error, address)
        else:
            _lost.clear()
            return result
    raise AssertionError


def _give_up(kind, error, address):
    if kind == CREDENTIALS:
        raise Halted(f"{address}: {describe(error)}.") from error
    if kind == NETWORK:
        _lost.add(address, error)
    else:
        _lost.clear()
    raise OSError(describe(error)) from error


class _Lost:
    """Counts files in a row that the network failed for."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.count, self.when, self.why = 0, 0.0, ""

    def add(self, address, error):
        self.count += 1
        self.when = time.monotonic()
        self.why = f"{address}: {describe(error)}"
        self.check()

    def check(self):
        if self.count < _MOST_LOST:
            return
        if time.monotonic() - self.when > _PATIENCE:  # it may be mended
            self.clear()
        else:
            raise Halted(
                f"{self.count} files in a row could not be had, the last was "
                f"{self.why}. Mend the connection, or leave out what is no "
                "longer there, then run the same command again."
            )


_lost = _Lost()


class _TooMuch(OSError):
    """A file is too large or too slow, which no new attempt mends."""


class _Watch:
    """Ends a download that is too large or too slow; an fsspec callback."""

    def __init__(self, max_bytes):
        self.max_bytes = max_bytes
        self.received = 0
        self.begun = time.monotonic()

    def set_size(self, size):
        if size is not None and size > self.max_bytes:
            raise _TooMuch(f"it has more than {self.max_bytes:,} bytes")

    def relative_update(self, received=1):
        self.absolute_update(self.received + received)

    def absolute_update(self, received):
        self.received = received
        self.set_size(received)
        seconds = time.monotonic() - self.begun
        if seconds > _PATIENCE + received / _SLOWEST:
            raise _TooMuch(f"only {received:,} bytes came in {seconds:.0f} s")
