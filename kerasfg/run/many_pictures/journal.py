"""The journal of a classification: what is done, a line for each picture."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import reprlib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from kerasfg.atomic_file import TEMPORARY_PREFIX
from kerasfg.atomic_file import replacing
from kerasfg.write_errors import naming

FORMAT = 1
_SUFFIX = ".journal"
_LONGEST_LINE = 2**28  # bytes: many boxes with many names
# Keys of lines about a file that is being written, and one that was.
_WRITING, _WRITTEN = "writing", "written"
# Of values that are not a text or a number; and of those that must be a text.
_TYPES = {"named": dict, "likely": dict} | dict.fromkeys(
    ("path", "class", "time", "camera", "error"), str
)
_TEMPORARY = re.compile(re.escape(TEMPORARY_PREFIX) + r"[0-9a-f]+\.[a-z]+")
_NO_ROW = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def journal_of(out: str | os.PathLike[str]) -> Path:
    """Returns the path of the journal of a file of results.

    Example:

    >>> journal_of("results.csv").name
    'results.csv.journal'
    """
    out = Path(out)
    return out.with_name(out.name + _SUFFIX)


def lock_of(out: str | os.PathLike[str]) -> Path:
    """Returns the path of the lock of a file of results."""
    journal = journal_of(out)
    return journal.with_name(f".{journal.name}.lock")


def is_begun(out: str | os.PathLike[str]) -> bool:
    """Returns whether a file of results has a journal with its first line."""
    path = journal_of(out)
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.readline(_LONGEST_LINE).endswith(b"\n")


class Journal:
    """JSON lines beside the file of results; the first one is of the model.

    It is opened by `with`, and locked meanwhile. A line that was not finished,
    since the process was killed, is cut off.

    Args:
        out: Path of the file of results.
        model: What the answers depend on: a dictionary that is JSON.

    Attributes:
        rows: Number of its rows.

    Raises:
        ValueError: If another process writes it, or if it was begun with
            another model or is no journal.
        WriteError: If it cannot be written.
    """

    def __init__(self, out, model):
        self.path = journal_of(out)
        self._lock = lock_of(out)
        self.rows = 0
        self._model = model
        self._done = np.empty(0, "uint64")
        self._end = 0  # of the last whole line
        self._written: set[tuple[str, int, int]] = set()
        self._stack = contextlib.ExitStack()
        self._file: Any = None

    def __enter__(self):
        with contextlib.ExitStack() as stack, naming(self.path):
            stack.enter_context(_locked(self.path, self._lock))
            end = self._read() if self._is_there() else 0
            self._file = stack.enter_context(open(self.path, "ab"))
            self._file.truncate(end)
            self._end = end
            self._stack = stack.pop_all()
        if not end:
            self._write([self._head()])
        return self

    def __exit__(self, *_):
        with naming(self.path):  # what did not fit on the disk is tried again
            self._stack.close()

    def __contains__(self, path):
        """Whether a picture has its row already."""
        digest = _digest(path)
        place = int(np.searchsorted(self._done, digest))
        return place < len(self._done) and self._done[place] == digest

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Writes rows, each with a `path`, so that a kill loses none of them.

        Args:
            rows: Dictionaries that are strict JSON.
        """
        self._write(rows)
        self.rows += len(rows)

    def read(self) -> Iterator[dict[str, Any]]:
        """Yields its rows, in the order in which they were added."""
        with open(self.path, "rb") as file:
            next(file, None)
            for line in file:
                if not line.endswith(b"\n"):  # Ctrl-C cut it off
                    continue
                row = json.loads(line)
                if "path" in row:
                    yield row

    def check_own(self, path: Path) -> None:
        """Checks that a file may be written: that none of the user's is there.

        Args:
            path: Path of the file.

        Raises:
            ValueError: If anything is there that this journal has not written,
                or that was changed since.
        """
        if os.path.lexists(path) and _identity(path, path) not in self._written:
            raise ValueError(
                "This file is there already, and kerasfg did not write it, or "
                "it was changed since: move it away; the same command then "
                f"goes on, and loses nothing. Received: out={str(path)!r}"
            )

    @contextlib.contextmanager
    def replacing(self, path: Path) -> Iterator[Path]:
        """Yields a path to write to, which then becomes a file of results.

        A file of the user that has come to be there meanwhile stays.

        Args:
            path: Path of the file.

        Raises:
            ValueError: See `check_own`.
            WriteError: If it cannot be written.
        """
        self.check_own(path)
        with replacing(path) as temporary:
            self._cut_unfinished()
            self._write([{_WRITING: temporary.name}])
            yield temporary
            self.check_own(path)
            name, size, changed = _identity(temporary, path)
            # Before it is there, so that a kill leaves none that is unknown.
            self._write([{_WRITTEN: name, "size": size, "changed": changed}])
            self._written.add((name, size, changed))

    def remove(self):
        """Deletes it; it is done."""
        self._file.close()
        self.path.unlink()
        self._stack.close()

    def _write(self, rows):
        with naming(self.path):
            self._file.write(b"".join(map(_line, rows)))
            self._file.flush()
        self._end = self._file.tell()

    def _cut_unfinished(self):
        """Removes a line that Ctrl-C cut off, so that another can follow."""
        self._file.flush()
        with open(self.path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                self._file.truncate(self._end)

    def _head(self):
        return {"journal": FORMAT, "model": self._model}

    def _is_there(self):
        """Whether it has begun; a link or a pipe is not followed."""
        if not os.path.lexists(self.path):
            return False
        facts = self.path.lstat()
        if not stat.S_ISREG(facts.st_mode):
            raise self._refused("a link, a folder or the like")
        return facts.st_size > 0

    def _read(self):
        """Reads what is done; returns the end of the last whole line."""
        digests = []
        with open(self.path, "rb") as file:
            head = file.readline(_LONGEST_LINE)
            end = len(head)
            if not head.endswith(b"\n") and _line(self._head()).startswith(
                head
            ):
                return 0  # killed while it was begun
            self._check(head)
            while (line := file.readline(_LONGEST_LINE)).endswith(b"\n"):
                try:
                    row = _row(line)
                    if _WRITING in row:
                        self._remove_unfinished(row[_WRITING])
                    elif _WRITTEN in row:
                        self._written.add(
                            (row[_WRITTEN], row["size"], row["changed"])
                        )
                    else:
                        digests.append(_digest(row["path"]))
                except _NO_ROW as error:
                    raise self._refused(line) from error
                end += len(line)
            if len(line) == _LONGEST_LINE:
                raise self._refused(line)
        self._done = np.sort(np.array(digests, "uint64"))
        self.rows = len(digests)
        return end

    def _remove_unfinished(self, name):
        """Removes what a kill has left of a file that was being written."""
        if _TEMPORARY.fullmatch(name):
            self.path.with_name(name).unlink(missing_ok=True)

    def _check(self, head):
        try:
            found = json.loads(head)
            is_journal = found["journal"] == FORMAT
            is_journal &= isinstance(found["model"], dict)
        except _NO_ROW as error:
            raise self._refused(head) from error
        if not is_journal:
            raise self._refused(head)
        if found["model"] != self._model:
            differ = [
                f"`{key}`"
                for key in self._model | found["model"]
                if found["model"].get(key, "") != self._model.get(key, "")
            ]
            raise ValueError(
                "What was begun goes on with the same model and options: "
                f"delete {self.path} to begin anew, or name another `out`. "
                f"Received: another {', '.join(differ)}"
            )

    def _refused(self, line):
        return ValueError(
            f"{self.path} must be a journal that kerasfg wrote: move it away, "
            f"or name another `out`. Received: {reprlib.repr(line)}"
        )


@contextlib.contextmanager
def _locked(path, file):
    lock = filelock.FileLock(file, is_singleton=False)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise ValueError(
            "Another process writes these results: wait until it ends, or name "
            f"another `out`. Received: {str(path)!r}, which is locked"
        ) from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            file.unlink()
        lock.release()


def _identity(path, final):
    """What tells a file that was written from another one of its name."""
    facts = os.lstat(path)
    return Path(final).name, facts.st_size, facts.st_mtime_ns


def _line(row):
    text = json.dumps(row, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode()


def _row(line):
    """Returns the row of a line; raises one of `_NO_ROW` if it is none."""
    row = json.loads(line)
    for name, value in row.items():
        if not isinstance(value, _TYPES.get(name, str | int | float)):
            raise TypeError(name)
    return row


def _digest(path):
    """Returns the same for a picture however its path is written."""
    place = path if "://" in path else os.path.abspath(path)
    text = place.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))
