"""Decisions about single pictures: left out, or another label."""

from __future__ import annotations

import csv
import dataclasses
import os
import stat
import warnings
from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.data.sources.some_pictures import some_pictures
from kerasfg.data.sources.source import Source
from kerasfg.data.table_text import first_line
from kerasfg.data.table_text import separator_of
from kerasfg.data.table_text import table_lines
from kerasfg.data.table_text import table_text
from kerasfg.data.tables import find_names
from kerasfg.data.tables import posix_name
from kerasfg.notice import tell

KEEP, LEAVE_OUT, RELABEL = DECISIONS = ("keep", "leave out", "relabel")
COLUMNS = (
    "path",
    "label",
    "looks_like",
    "score",
    "reason",
    "decision",
    "new_label",
)
_MAX_BYTES = 64 * 2**20
_WHAT = "A list of decisions about pictures"


def with_decisions(
    source: Source, filepath: str | os.PathLike[str] | None
) -> Source:
    """Leaves pictures out of a source, or relabels them, by a file's rows.

    Args:
        source: `kerasfg.data.Source`.
        filepath: File with the decisions, see `read_decisions`. `None` or `""`
            changes nothing.

    Returns:
        `Source` with the same classes.

    Raises:
        ValueError: If the file cannot be read, names a picture or a class that
            the source does not have, decides twice about a picture in two
            ways, or leaves a class without pictures.

    A `kerasfg.notice.Notice` counts what was left out and relabelled.
    """
    if not filepath:
        return source
    decisions, known = read_decisions(filepath), set(source.names)
    # A backslash may belong to a name, or separate folders.
    paths = [path if path in known else posix_name(path) for path in decisions]
    rows = find_names(filepath, paths, source.names)
    _check_once(rows, decisions, filepath)
    labels = np.array(source.labels, np.int32)
    kept = np.ones(len(source), bool)
    for row, (path, label) in zip(rows, decisions.items(), strict=True):
        if label is None:
            kept[row] = False
        elif label:
            labels[row] = _label(label, source.class_names, path, filepath)
    _check_classes(source, labels[kept], filepath)
    file = Path(filepath).name
    why = f"picture that {file} leaves out"
    dropped = tuple((source.names[row], why) for row in np.flatnonzero(~kept))
    others = sum(map(bool, decisions.values()))
    tell(f"By {file}, pictures left out: {len(dropped)}, relabelled: {others}.")
    return dataclasses.replace(
        some_pictures(source, np.flatnonzero(kept)),
        labels=labels[kept],
        left_out=(*source.left_out, *dropped),
    )


def _check_once(rows, decisions, filepath):
    """Checks that two ways to write a path do not decide in two ways."""
    found = {}
    for row, (path, label) in zip(rows, decisions.items(), strict=True):
        before = found.setdefault(row, (path, label))
        if before[1] != label:
            raise ValueError(
                "One picture must have one decision. "
                f"Received: {before[0]!r} and {path!r} in {filepath}"
            )


def read_decisions(
    filepath: str | os.PathLike[str],
) -> dict[str, str | None]:
    """Reads the decisions about pictures.

    The file is the `suspects.csv` of `kerasfg inspect`: a CSV file whose first
    line names at least the columns `path` and `decision`. A decision is
    `leave out`, `keep`, `relabel` (the new label is in the column `new_label`
    or, if that is empty, in `looks_like`) or nothing, which keeps the picture.
    Without a column `decision`, or where the file is a plain list of one path a
    line, every picture that it names is left out.

    Args:
        filepath: Path of the file.

    A warning counts new labels without a decision, which change nothing.

    Returns:
        Dictionary from the path of a picture to `None` if it is left out, `""`
        if it stays as it is, or its new label.

    Raises:
        ValueError: If there is no such file, or it has a decision that is none
            of these, a new label that is empty, or two decisions about a path.
    """
    result = {}
    for line, path, decision in _rows(filepath):
        if result.setdefault(path, decision) != decision:
            raise ValueError(
                "One picture must have one decision. "
                f"Received: {path!r}, again in line {line} of {filepath}"
            )
    return result


def check_decisions_file(filepath):
    """Raises `ValueError` unless there is a file to read decisions from.

    Args:
        filepath: Path of the file.
    """
    try:
        status = Path(filepath).stat()
        why = "" if stat.S_ISREG(status.st_mode) else "which is not a file"
        if status.st_size > _MAX_BYTES:
            why = f"a file of more than {_MAX_BYTES >> 20} MiB"
    except OSError as error:
        why = error.strerror or "which cannot be read"
    if why:
        raise ValueError(
            "`leave_out` must name a file: the suspects.csv of `kerasfg "
            "inspect`, or a list with a path in each line. "
            f"Received: leave_out={str(filepath)!r}, {why}"
        )


def read_rows_of(filepath: str | os.PathLike[str]) -> list[dict[str, str]]:
    """Reads all columns of a file that `write_decisions` has written.

    Args:
        filepath: Path of the file.

    Returns:
        List of dictionaries with `COLUMNS`.

    Raises:
        ValueError: If there is no such file, or it has other columns.
    """
    check_decisions_file(filepath)
    lines = table_lines(filepath, _WHAT, _MAX_BYTES)
    if tuple(next(lines, (1, ()))[1]) != COLUMNS:
        raise ValueError(f"{filepath} has other columns than {COLUMNS}.")
    return [
        {name: row.get(name, "") for name in COLUMNS}
        for _, cells in lines
        for row in [dict(zip(COLUMNS, cells, strict=False))]
    ]


def write_decisions(
    filepath: str | os.PathLike[str], rows: Iterable[Mapping[str, str]]
) -> None:
    """Writes a file as `read_decisions` reads it.

    Args:
        filepath: Path of the file.
        rows: Dictionaries with `COLUMNS`; those missing are empty.
    """
    with (
        replacing(filepath) as temporary_path,
        open(
            temporary_path,
            "w",
            newline="",
            encoding="utf-8",
            errors="surrogateescape",
        ) as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            [[row.get(column, "") for column in COLUMNS] for row in rows]
        )


# === Reading ===


def _rows(filepath):
    """Yields the line, the path and the decision of each row."""
    check_decisions_file(filepath)
    text = table_text(filepath, _WHAT, _MAX_BYTES)
    if "path" not in _header(text):
        # Not splitlines(), which breaks a name at U+2028 and others as well.
        end = "\n" if "\n" in text else "\r"
        for line, path in enumerate(text.split(end), start=1):
            if path.strip():
                yield line, path.removesuffix("\r"), None
        return
    lines = table_lines(filepath, _WHAT, _MAX_BYTES)
    header = [name.strip() for name in next(lines)[1]]
    undecided = 0
    for line, cells in lines:
        row = {"decision": "", **dict(zip(header, cells, strict=False))}
        if row.get("path"):
            yield line, row["path"], _decision(header, row, line, filepath)
            new = row.get("new_label", "").strip()
            undecided += bool(new and not row["decision"].strip())
    if undecided and "decision" in header:
        warnings.warn(
            f"Pictures with a new_label but no decision in {filepath}: "
            f"{undecided}. They are kept as they are: write relabel in the "
            "column decision to change them.",
            stacklevel=2,
        )


def _header(text):
    first, separator = first_line(text), separator_of(text)
    try:
        cells = next(csv.reader([first], delimiter=separator), [])
    except csv.Error:
        return []  # a line longer than a cell may be
    return [cell.strip() for cell in cells]


def _decision(header, row, line, filepath):
    if "decision" not in header:
        return None
    word = row["decision"].strip().lower()
    word = word.replace("_", " ").replace("-", " ")
    if word in ("", KEEP):
        return ""
    if word == LEAVE_OUT:
        return None
    if word != RELABEL:
        raise ValueError(
            f"A decision must be one of {', '.join(map(repr, DECISIONS))} or "
            f"empty. Received: {row['decision']!r} in line {line} of {filepath}"
        )
    label = row.get("new_label") or row.get("looks_like")
    if not label:
        raise ValueError(
            "A picture to relabel must have its class in the column new_label "
            f"or looks_like. Received: none in line {line} of {filepath}"
        )
    return label


# === Checking ===


def _label(name, class_names, path, filepath):
    if name in class_names:
        return class_names.index(name)
    raise ValueError(
        f"A new label must be one of the {len(class_names)} classes: "
        f"{', '.join(class_names[:20])}{' …' if len(class_names) > 20 else ''}."
        f" Received: {name!r} for {path!r} in {filepath}"
    )


def _check_classes(source, labels, filepath):
    empty = np.setdiff1d(source.labels, labels)
    if len(empty):
        names = ", ".join(repr(source.class_names[label]) for label in empty)
        raise ValueError(
            "Each class must keep pictures: to leave out a whole class, move "
            f"its folder away. Received: {filepath}, which leaves none of "
            f"{names}"
        )
