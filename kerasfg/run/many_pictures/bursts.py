"""One answer for the pictures that a camera took in one burst."""

from __future__ import annotations

import contextlib
import datetime
import errno
import itertools
import json
import os
import sqlite3
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasfg.data.group_by import numbered_bursts
from kerasfg.run.many_pictures.rows import time_of
from kerasfg.run.predictor import Predictor
from kerasfg.write_errors import WriteError

# Classes of these names say that a picture shows nothing.
BLANK = ("blank", "empty")

_LEAST = 0.001  # of a picture, a lower probability is left out of the mean
_UNKNOWN, _BLANK, _SHOWN = range(3)
_SAID = ("class", "probability", "sure")

Read = Callable[[], Iterable[dict[str, Any]]]


def likely(probabilities) -> dict[str, float]:
    """Returns what a burst needs of a picture: its probabilities by class.

    Args:
        probabilities: Array of shape `(classes,)`.

    Example:

    >>> likely([0.0004, 0.9, 0.0996])
    {'1': 0.9, '2': 0.0996}
    """
    probabilities = np.asarray(probabilities)
    least = min(_LEAST, probabilities.max())
    kept = np.flatnonzero(probabilities >= least)
    return {str(place): float(probabilities[place]) for place in kept}


def burst_columns(predictor: Predictor) -> list[str]:
    """Lists the columns of a table that are about bursts."""
    names = ["burst", "burst_pictures", "burst_class", "burst_probability"]
    names.append("burst_sure")
    if predictor.classify_with_familiarity is not None:
        names.append("burst_known")
    return names


@contextlib.contextmanager
def with_bursts(read: Read, predictor: Predictor) -> Iterator[Read]:
    """Adds to each row what is said of its burst.

    A burst is what `kerasfg.data.group_by` takes for one, pictures of one
    camera with at most 2 s between one and the next, and in one folder, since
    cameras of one model often leave no serial number. A picture without a time
    is a burst of its own. The answer is that of the mean of the pictures'
    probabilities, without those that are of none of the classes, unless all
    are; and without blank ones, if another picture is surely something.

    Rows are sorted in a temporary file, so that memory stays flat.

    Args:
        read: Function that returns an iterable over all rows, each with
            `likely` unless it has an `error`.
        predictor: The model.

    Yields:
        Function like `read`, whose rows have the columns of `burst_columns`,
        and `burst_start` and `burst_end` where there is a time.

    Raises:
        WriteError: If there is no space for temporary files.
    """
    with (
        _space_needed(),
        contextlib.closing(sqlite3.connect("", isolation_level=None)) as data,
    ):
        data.execute("PRAGMA journal_mode = OFF")
        data.execute("BEGIN")
        data.execute(
            "CREATE TABLE picture (row INTEGER PRIMARY KEY, camera BLOB, "
            "taken TEXT, said TEXT)"
        )
        data.execute(
            "CREATE TABLE member (row INTEGER PRIMARY KEY, burst INTEGER)"
        )
        data.execute(
            "CREATE TABLE burst (burst INTEGER PRIMARY KEY, said TEXT)"
        )
        blank = {
            str(place)
            for place, name in enumerate(predictor.class_names)
            if name.strip().lower() in BLANK
        }
        data.executemany(
            "INSERT INTO picture VALUES (?, ?, ?, ?)",
            (
                (place, *_key(row), json.dumps(_vote(row, blank)))
                for place, row in enumerate(read())
                if "error" not in row
            ),
        )
        _answer(data, predictor)
        yield lambda: _joined(data, read())


def _key(row):
    """Returns the camera and the time; both `None` without a time."""
    taken = time_of(row)
    if taken is None:
        return None, None
    place = f"{row.get('camera', '')}\0{os.path.dirname(row['path'])}"
    return place.encode("utf-8", "surrogatepass"), taken.isoformat()


def _vote(row, blank):
    best = max(row["likely"], key=row["likely"].get)
    kind = _BLANK if best in blank else _SHOWN
    if not row.get("known", True):
        kind = _UNKNOWN
    return kind, row["likely"], {name: row[name] for name in _SAID}


def _answer(data, predictor):
    """Numbers the bursts in the order of camera and time, and answers each."""
    pictures = data.execute(
        "SELECT row, camera, taken, said FROM picture "
        "ORDER BY taken IS NULL, camera, taken, row"
    )
    keys, pictures = itertools.tee(pictures)
    numbers = numbered_bursts(
        None
        if taken is None
        else (camera, datetime.datetime.fromisoformat(taken))
        for _, camera, taken, _ in keys
    )
    numbered = zip(numbers, pictures, strict=True)
    for number, members in itertools.groupby(numbered, lambda pair: pair[0]):
        burst = _Burst()
        for _, (row, _, taken, said) in members:
            burst.add(taken, *json.loads(said))
            data.execute("INSERT INTO member VALUES (?, ?)", (row, number))
        said = {"burst": number, **burst.answer(predictor)}
        data.execute(
            "INSERT INTO burst VALUES (?, ?)", (number, json.dumps(said))
        )


class _Burst:
    """Adds up what the pictures of a burst say."""

    def __init__(self):
        self._counts = [0, 0, 0]
        self._sums: list[dict[str, float]] = [{}, {}, {}]
        self._is_sure = False
        self._only = None
        self._first = self._last = None

    def add(self, taken, kind, likely, said):
        self._first = self._first or taken
        self._last = taken
        self._counts[kind] += 1
        self._is_sure |= said["sure"] and kind == _SHOWN
        self._only = said
        sums = self._sums[kind]
        for place, probability in likely.items():
            sums[place] = sums.get(place, 0.0) + probability

    def answer(self, predictor):
        known = self._counts[_UNKNOWN] < sum(self._counts)
        said = {"burst_pictures": sum(self._counts), "burst_known": known}
        if said["burst_pictures"] == 1:
            found = self._only
        else:
            found = predictor.answer(self._mean(known, predictor), top=1)
            found["sure"] &= known
        said |= {f"burst_{name}": found[name] for name in _SAID}
        if self._first is not None:
            said |= {"burst_start": self._first, "burst_end": self._last}
        return said

    def _mean(self, known, predictor):
        """Returns the mean of the pictures that count."""
        kinds = [_UNKNOWN]
        if known:
            kinds = [_SHOWN] if self._is_sure else [_SHOWN, _BLANK]
        mean = np.zeros(len(predictor.class_names))
        for kind in kinds:
            for place, probability in self._sums[kind].items():
                mean[int(place)] += probability
        return mean / sum(self._counts[kind] for kind in kinds)


def _joined(data, rows):
    said = data.execute(
        "SELECT said FROM member JOIN burst USING (burst) ORDER BY row"
    )
    for row in rows:
        yield row if "error" in row else row | json.loads(next(said)[0])


@contextlib.contextmanager
def _space_needed():
    try:
        yield
    except sqlite3.OperationalError as error:
        raise WriteError(
            errno.ENOSPC,
            "The rows are sorted in a temporary file: free some space, or "
            "name another folder in the environment variable TMPDIR. "
            f"Received: {error}",
        ) from error
