"""Classifies any number of pictures into a table, and resumes."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import hashlib
import itertools
import json
import os
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerasfg.config.names import arguments_named
from kerasfg.data.files.find import walk_pictures
from kerasfg.data.progress import for_each
from kerasfg.data.progress import in_order
from kerasfg.data.remote.address import is_remote
from kerasfg.data.sources.elsewhere.walk import is_elsewhere
from kerasfg.data.sources.elsewhere.walk import walk_elsewhere
from kerasfg.run.many_pictures.bursts import burst_columns
from kerasfg.run.many_pictures.bursts import likely
from kerasfg.run.many_pictures.bursts import with_bursts
from kerasfg.run.many_pictures.journal import Journal
from kerasfg.run.many_pictures.journal import is_begun
from kerasfg.run.many_pictures.opened import opened
from kerasfg.run.many_pictures.opened import opened_ahead
from kerasfg.run.many_pictures.progress import Shown
from kerasfg.run.many_pictures.results import Results
from kerasfg.run.many_pictures.results import files_of
from kerasfg.run.many_pictures.results import ours
from kerasfg.run.many_pictures.rows import columns_of
from kerasfg.run.many_pictures.rows import row_of
from kerasfg.run.many_pictures.sorted_links import check_links
from kerasfg.run.many_pictures.sorted_links import sort_into
from kerasfg.run.many_pictures.survey import Survey
from kerasfg.run.many_pictures.table import check_table
from kerasfg.run.predictor import PictureError
from kerasfg.run.predictor import Predictor

_BATCH = 64  # pictures that the network gets at a time
_AHEAD = 2 * _BATCH  # decoded pictures that may wait for it


@dataclasses.dataclass(frozen=True)
class Classified:
    """What was done.

    Attributes:
        pictures: Number of pictures in the table.
        failed: Those of this run that could not be decoded.
        before: Those that an earlier run had done.
        left_out: Number of other files, by their kind.
        finished: Whether all pictures are in the table; else Ctrl-C ended it,
            and the same call goes on.
    """

    pictures: int
    failed: int
    before: int
    left_out: dict[str, int]
    finished: bool


def check_out(out: str | os.PathLike[str]) -> Path:
    """Checks a place for results before anything slow is loaded.

    Returns:
        Its path.

    Raises:
        ValueError: If its ending is not known, its folder does not exist, or a
            file is there that no unfinished classification wrote.
    """
    out = Path(out)
    check_table(out)
    for path in files_of(out):
        if os.path.lexists(path) and not is_begun(out):
            raise ValueError(
                "This file is there already: move it away, or name another "
                f"`out`. Received: out={str(path)!r}"
            )
    return out


def classify_pictures(
    predictor: Predictor,
    model: str | os.PathLike[str],
    pictures: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    top: int = 3,
    coverage: float | None = None,
    progress: bool = True,
    links: str | os.PathLike[str] | None = None,
    by_burst: bool = False,
    survey: Survey | None = None,
    engine: Callable[..., Generator[Any]] | None = None,
) -> Classified:
    """Classifies pictures, folders, archives or addresses into a table.

    Pictures are found while others are classified, decoded in a thread for
    each core, and given to the network in batches; memory does not grow with
    their number. What is done is in a journal beside the table, which is
    written from it in the end: after a kill the same call goes on.

    Args:
        predictor: Result of `kerasfg.run.predictor.load_predictor`.
        model: The file that it was loaded from.
        pictures: Files, folders to search, archives and lists of pictures,
            and addresses.
        out: Table to write: `.csv`, `.parquet` or `.json`; `.coco.json` for
            COCO's annotations; `datapackage.json` for Camtrap DP.
        top: Number of classes to name. Defaults to `3`.
        coverage: Share of pictures whose set of classes must hold the true
            one. Defaults to `None`: no sets are given.
        progress: Whether to show a progress bar where stderr is a terminal.
            Defaults to `True`.
        links: Folder in which each picture is linked by its class, see
            `kerasfg.run.many_pictures.sorted_links.sort_into`. Defaults to
            `None`: nothing is linked.
        by_burst: Whether each row also has an answer for the burst of its
            picture, see `kerasfg.run.many_pictures.bursts`. Defaults to
            `False`.
        survey: What only its people know of a survey, for an `out` that is
            called `datapackage.json`; see
            `kerasfg.run.many_pictures.survey.read_survey`. Defaults to `None`.
        engine: What decodes and classifies on other machines, such as
            `kerasfg.engines.ray_data.RayData`; they read the pictures by the
            same paths. Defaults to `None`: this machine does it.

    Returns:
        `Classified`.

    Raises:
        ValueError: If `out` cannot be written, its journal is of another model
            or of other options, a picture is not square and the crop of the
            model is not known, or is in no folder of a deployment, or `links`
            is among the pictures.
        OSError: If a folder cannot be read or the table cannot be written.
    """
    out = check_out(out)
    paths = list(dict.fromkeys(os.fspath(path) for path in pictures))
    if links is not None:
        check_links(links, paths)
    left_out: collections.Counter[str] = collections.Counter()
    asked: dict[str, Any] = {"top": top, "coverage": coverage}
    if by_burst:
        asked["by"] = "burst"
    settings = settings_of(predictor, model, **asked)
    columns = columns_of(predictor, top, coverage)
    columns += burst_columns(predictor) if by_burst else []
    names = predictor.class_names
    by = f"kerasfg, {Path(model).name}, SHA-256 {settings['model'][:12]}"
    results = Results(out, columns, names, by_burst, survey, by)

    def rows(journal):
        found = found_pictures(paths, left_out, ours(out))
        files = (
            results.check_path(file) for file in found if file not in journal
        )
        if engine is None and any(map(is_elsewhere, paths)):
            files = opened_ahead(files)
        return rows_of(predictor, files, top, coverage, by_burst, engine)

    def write(journal):
        with _rows_to_write(journal, predictor, by_burst) as read:
            results.write(journal, read)
            if links is not None:
                sort_into(links, read())

    def count():
        return (1 for _ in found_pictures(paths))

    done = journalled(out, settings, rows, count, write, progress)
    return dataclasses.replace(done, left_out=dict(left_out))


def _rows_to_write(journal, predictor, by_burst):
    if by_burst:
        return with_bursts(journal.read, predictor)
    return contextlib.nullcontext(journal.read)


def journalled(out, settings, make_rows, count, write, progress) -> Classified:
    """Writes rows to a journal, and from it a file of results.

    Args:
        out: Path of the file.
        settings: What the rows depend on, see `Journal`.
        make_rows: Function of the `Journal` that yields lists of the rows that
            it lacks.
        count: Function that returns an iterator over all pictures.
        write: Function of the `Journal` that writes the file from it.
        progress: Whether to show a progress bar.

    Raises:
        ValueError: If a file of the user is at `out`, see `Journal.check_own`.
    """
    finished, failed = True, 0
    with Journal(out, settings) as journal:
        for path in files_of(out):
            journal.check_own(path)
        before = journal.rows
        with Shown(count, before, progress) as shown:
            try:
                for rows in make_rows(journal):
                    journal.add(rows)
                    errors = sum("error" in row for row in rows)
                    failed += errors
                    shown.add(len(rows), errors)
            except KeyboardInterrupt:
                finished = False
        write(journal)
        total = journal.rows
        if finished:
            journal.remove()
    return Classified(total, failed, before, {}, finished)


def settings_of(predictor, model, **options):
    """Returns what the answers depend on, for a `Journal`.

    Args:
        predictor: The model.
        model: Its file.
        **options: Further values that are JSON.
    """
    said = dataclasses.asdict(_without_network(predictor))
    text = json.dumps(said, sort_keys=True, default=str)
    with open(model, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "model": digest,
        "calibration": hashlib.sha256(text.encode()).hexdigest(),
        "familiarity": predictor.classify_with_familiarity is not None,
        **options,
    }


def _without_network(predictor):
    return dataclasses.replace(
        predictor, classify=None, network=None, classify_with_familiarity=None
    )


def found_pictures(paths, left_out=None, ours=()) -> Iterator[str]:
    """Yields each picture once, though a folder may be named with its own.

    Args:
        paths: As of `classify_pictures`.
        left_out: As of `kerasfg.data.files.find.walk_pictures`. Defaults to
            `None`.
        ours: As of it. Defaults to `()`.
    """
    earlier: set[str] = set()
    for path in paths:
        absolute = path if is_remote(path) else os.path.abspath(path)
        if _is_in(earlier, absolute):
            continue
        if is_elsewhere(path):
            with arguments_named(directory="pictures"):
                yield from walk_elsewhere(path, left_out)
        elif not os.path.isdir(path):
            yield path
        else:
            for file in walk_pictures(path, left_out, ours):
                inside = os.path.abspath(file.path) if earlier else ""
                if not _is_in(earlier, inside):
                    yield file.path
        earlier.add(absolute)


def _is_in(places, path):
    """Whether an absolute path is one of some places, or inside one."""
    if not places:
        return False
    while path not in places:
        path, before = os.path.dirname(path), path
        if path == before:
            return False
    return True


def rows_of(predictor, files, top, coverage, by_burst=False, engine=None):
    """Yields lists of rows, a batch at a time, in the order of the files."""
    read = functools.partial(_read, _without_network(predictor))
    name = functools.partial(_classified, predictor, top, coverage, by_burst)
    if engine is not None:
        batches = iter(lambda: list(itertools.islice(files, _BATCH)), [])
        is_keras = predictor.network is not None
        each = functools.partial(for_each, read)
        with contextlib.closing(
            engine(batches, each, name, is_keras=is_keras)
        ) as rows:
            yield from rows
        return
    with contextlib.closing(in_order(read, files, _AHEAD)) as pictures:
        while batch := list(itertools.islice(pictures, _BATCH)):
            yield name(batch)


def _read(predictor, path):
    found = opened(path)
    if found.problem:
        return found.path, None, found.problem
    try:
        image, captured = predictor.image_and_captured(found.file)
    except PictureError as error:
        return found.path, None, " ".join(str(error).split())
    finally:
        found.close()
    return found.path, image, captured


def _classified(
    predictor, top, coverage, by_burst, batch
) -> list[dict[str, Any]]:
    images = [image for _, image, _ in batch if image is not None]
    answers, more = iter(()), iter(())
    if images:
        probabilities, scores = predictor.classify_images(np.stack(images))
        known = [None] * len(images) if scores is None else scores.tolist()
        answers = (
            predictor.answer(row, top, coverage, familiarity)
            for row, familiarity in zip(probabilities, known, strict=True)
        )
        more = (
            {"likely": likely(row)} if by_burst else {} for row in probabilities
        )
    return [
        {"path": path, "error": text}
        if image is None
        else row_of(path, next(answers), text) | next(more)
        for path, image, text in batch
    ]
