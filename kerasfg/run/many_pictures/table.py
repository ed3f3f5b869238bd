"""Writes what a journal holds as CSV, Parquet or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasfg.terminal_text import COMPUTED

SUFFIXES = (".csv", ".parquet", ".json")
_ROWS = 10_000  # of a part of a Parquet file
_TEXTS = {"path", "class", "coarser_level", "coarser_name", "set"} | {
    "time", "camera", "error", "burst_class"
}  # fmt: skip
_FLAGS = {"sure", "known", "burst_sure", "burst_known"}
_COUNTS = {"burst", "burst_pictures"}


def check_table(out: Path) -> None:
    """Checks that results can be written to a path.

    Raises:
        ValueError: If its ending is none of `SUFFIXES`, its folder does not
            exist, or `.parquet` needs a package that is not installed.
    """
    if out.suffix not in SUFFIXES:
        raise ValueError(
            f"Results are written as {', '.join(SUFFIXES[:-1])} or "
            f"{SUFFIXES[-1]}, .coco.json for COCO, or datapackage.json for "
            "Camtrap DP: give `out` one of these endings. "
            f"Received: out={str(out)!r}"
        )
    if not out.parent.is_dir():
        raise ValueError(
            "The folder of `out` must exist: make it first. "
            f"Received: out={str(out)!r}"
        )
    if out.suffix == ".parquet":
        _pyarrow()


def write_table(
    path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]
) -> None:
    """Writes rows, one after the other, so that memory stays flat.

    Args:
        path: Path that ends in one of `SUFFIXES`.
        rows: Dictionaries; a column that one lacks is empty there.
        columns: Names of the columns.

    Raises:
        OSError: If it cannot be written.
    """
    writers: dict[str, Callable] = {
        ".csv": _write_csv,
        ".json": _write_json,
        ".parquet": _write_parquet,
    }
    writers[path.suffix](path, rows, columns)


def _write_csv(path, rows, columns):
    # A name that is no UTF-8 is written with backslashes.
    with open(
        path, "w", newline="", encoding="utf-8", errors="backslashreplace"
    ) as file:
        writer = csv.writer(_Lines(file), lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(
                _cell(name, row[name]) if name in row else ""
                for name in columns
            )


class _Lines:
    """Ends rows in a line feed; `csv` then quotes a return in a name as well.

    Args:
        file: Text file.
    """

    def __init__(self, file):
        self._file = file

    def write(self, row):
        self._file.write(row.removesuffix("\r\n") + "\n")


def _cell(column, value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if not isinstance(value, str) or not value.startswith(COMPUTED):
        return value
    # ./=a.jpg is still the file, and no formula.
    return f"./{value}" if column == "path" else f"'{value}"


def _write_json(path, rows, columns):
    with open(path, "w", encoding="utf-8") as file:
        separator = "["
        for row in rows:
            kept = {name: row[name] for name in columns if name in row}
            file.write(f"{separator}\n{json.dumps(kept)}")
            separator = ","
        file.write("[]\n" if separator == "[" else "\n]\n")


def _write_parquet(path, rows, columns):
    pa, parquet = _pyarrow()
    schema = pa.schema([(name, _type(pa, name)) for name in columns])
    with parquet.ParquetWriter(path, schema) as writer:
        part: list = []
        for row in rows:
            part.append(row)
            if len(part) == _ROWS:
                writer.write_batch(_batch(pa, part, schema))
                part = []
        writer.write_batch(_batch(pa, part, schema))


def _batch(pa, rows, schema):
    arrays = [
        pa.array([_plain(row.get(field.name)) for row in rows], field.type)
        for field in schema
    ]
    return pa.record_batch(arrays, schema=schema)


def _type(pa, name):
    if name in _TEXTS or name.startswith("class_"):
        return pa.string()
    if name in _COUNTS:
        return pa.int64()
    return pa.bool_() if name in _FLAGS else pa.float64()


def _plain(value):
    """Returns a text as UTF-8 allows; other values as they are."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode()


def _pyarrow():
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise ValueError(
            "A .parquet file is written by pyarrow: run `pip install "
            "'kerasfg[parquet]'`, or name a .csv file. Received: no pyarrow"
        ) from error
    return pa, parquet
