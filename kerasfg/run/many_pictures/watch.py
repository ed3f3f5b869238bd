"""Classifies the pictures of a folder as they come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasfg.data.files.find import is_hidden
from kerasfg.data.files.find import problem_of
from kerasfg.data.files.formats import picture_suffixes
from kerasfg.data.files.formats import suffix_of
from kerasfg.run.many_pictures.classify import Classified
from kerasfg.run.many_pictures.classify import check_out
from kerasfg.run.many_pictures.classify import found_pictures
from kerasfg.run.many_pictures.classify import rows_of
from kerasfg.run.many_pictures.classify import settings_of
from kerasfg.run.many_pictures.journal import Journal
from kerasfg.run.many_pictures.results import Results
from kerasfg.run.many_pictures.rows import columns_of
from kerasfg.run.predictor import Predictor

# A file is taken for whole when it has not changed for so many seconds,
_SETTLED = 2.0
# and one that cannot be read is tried again until it is so old.
_GIVEN_UP = 60.0
_EVERY = 1000  # milliseconds between two looks at files that are still new


def check_watch(folders: Iterable[str | os.PathLike[str]]) -> None:
    """Checks folders, and that they can be watched, before anything is loaded.

    Raises:
        ValueError: If one is no folder, or a package is not installed.
    """
    for folder in folders:
        if not os.path.isdir(folder):
            raise ValueError(
                "Folders can be watched: name the folder in place of its "
                f"pictures, or leave out `watch`. Received: {str(folder)!r}"
            )
    _watch()


def watch_pictures(
    predictor: Predictor,
    model: str | os.PathLike[str],
    folders: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    on_rows: Callable[[list[dict[str, Any]]], None],
    top: int = 3,
    coverage: float | None = None,
    changes: Callable[..., Iterator] | None = None,
) -> Classified:
    """Classifies the pictures of folders, and each new one, until Ctrl-C.

    A picture has one row, whatever happens to it later. A file that is still
    being written is left alone until it has not changed for two seconds; one
    that cannot be read is tried again for a minute.

    Args:
        predictor: As of `kerasfg.run.many_pictures.classify.classify_pictures`.
        model: As of it.
        folders: Folders to watch, with all below them.
        out: As of it; the table is written at the end, from the journal, with
            which the same call goes on.
        on_rows: Called with each list of new rows.
        top: As of it. Defaults to `3`.
        coverage: As of it. Defaults to `None`.
        changes: Function like `watchfiles.watch`. Defaults to `None`: that one.

    Returns:
        `Classified`, never finished.

    Raises:
        ValueError: As of it.
    """
    out = check_out(out)
    folders = [os.path.abspath(folder) for folder in folders]
    settings = settings_of(predictor, model, top=top, coverage=coverage)
    columns = columns_of(predictor, top, coverage)
    results = Results(out, columns, predictor.class_names, by_burst=False)
    failed = 0
    with Journal(out, settings) as journal:
        journal.check_own(out)
        before = journal.rows
        try:
            for files in _ready(folders, journal, changes or _watch()):
                for rows in rows_of(predictor, files, top, coverage):
                    kept = [row for row in rows if _is_final(row)]
                    journal.add(kept)
                    files.done(row["path"] for row in kept)
                    failed += sum("error" in row for row in kept)
                    on_rows(kept)
        except KeyboardInterrupt:
            pass
        results.write(journal, journal.read)
        return Classified(journal.rows, failed, before, {}, finished=False)


class _Files:
    """The new files; iterating gives those that are whole."""

    def __init__(self, journal):
        self._journal = journal
        self._new = {}  # in the order in which they came
        self._done = set()

    def add(self, path):
        if path not in self._done and path not in self._journal:
            self._new[path] = None

    def done(self, paths):
        for path in paths:
            self._done.add(path)
            del self._new[path]

    def __iter__(self):
        for path in list(self._new):
            if problem_of(path):  # it is gone again
                del self._new[path]
            elif _age(path) >= _SETTLED:
                yield path


def _ready(folders, journal, watch):
    files = _Files(journal)
    for path in found_pictures(folders):
        files.add(path)
    yield files
    suffixes = picture_suffixes()
    for changes in watch(
        *folders,
        watch_filter=None,
        step=200,
        rust_timeout=_EVERY,
        yield_on_timeout=True,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        for _, path in sorted(changes):
            if suffix_of(path) in suffixes and not _hides(path, folders):
                files.add(path)
        yield files


def _hides(path, folders):
    """Whether a part of the path below the watched folder is hidden."""
    for folder in folders:
        top = os.path.abspath(folder)
        if path.startswith(os.path.join(top, "")):
            return any(map(is_hidden, Path(path).relative_to(top).parts))
    return False


def _is_final(row):
    """Whether a row stands: it is right, or the file is not new any more."""
    return "error" not in row or _age(row["path"]) >= _GIVEN_UP


def _age(path):
    """Seconds since a file was last written or moved; 0 if it is gone."""
    try:
        facts = os.stat(path)
    except OSError:
        return 0.0
    return time.time() - max(facts.st_mtime, facts.st_ctime)


def _watch():
    try:
        from watchfiles import watch
    except ImportError as error:
        raise ValueError(
            "A folder is watched by watchfiles: run `pip install "
            "'kerasfg[watch]'`. Received: no watchfiles"
        ) from error
    return watch
