"""Reads a table of labelled pictures: CSV, or with tabs or semicolons."""

from __future__ import annotations

import csv
import math
import os
import pathlib
from collections.abc import Iterator

from kerasfg.data.files.find import problem_of
from kerasfg.data.files.left_out import NO_AREA
from kerasfg.data.files.left_out import NO_LABEL
from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.lists.entries import Entry
from kerasfg.data.sources.lists.entries import list_entries
from kerasfg.data.splits import split_named
from kerasfg.data.table_text import encoding_of
from kerasfg.data.table_text import separator_of

SUFFIXES = (".csv", ".tsv")
REQUIRED = ("path", "label")
BOX = ("x", "y", "width", "height")
KNOWN = (*REQUIRED, "split", "group", *BOX)

MAX_ROWS = 2_000_000


def list_table(
    filepath: str | os.PathLike[str], origin: str | None = None
) -> Listing:
    """Lists the pictures of a table.

    Its first line names its columns: `path` and `label`, and if they are
    there `split`, `group` (whose pictures stay on one side of a split), and
    `x`, `y`, `width`, `height`, a box in pixels to cut out. Other columns
    become `Source.columns`. Commas, semicolons or tabs separate them.

    Args:
        filepath: Path of the table, UTF-8, or UTF-16 with a byte order mark.
        origin: Address that it was downloaded from, which its paths are
            relative to. Defaults to `None`: it is a file of this disk.

    Returns:
        `Listing`.

    Raises:
        ValueError: If the file is not such a table. The message names the line.
    """
    table = _Table(pathlib.Path(filepath))
    entries, left_out = [], []
    for line, row in table.rows():
        where = f"{row['path'] or f'line {line}'}"
        if not row["label"].strip():
            left_out.append((where, NO_LABEL))
            continue
        box = table.box(line, row)
        if box is not None and (box.right <= box.left or box.bottom <= box.top):
            left_out.append((where, NO_AREA))
            continue
        entries.append(
            Entry(
                row["path"],
                row["label"],
                box,
                table.split(line, row),
                row.get("group", "").strip(),
                {name: row[name] for name in table.others},
            )
        )
    table.check_boxes(entries)
    root = origin or table.path.parent
    return list_entries(entries, root, str(table.path), left_out)


def table_paths(filepath: str | os.PathLike[str]) -> Iterator[str]:
    """Yields the values in the column `path` of a table.

    Args:
        filepath: As of `list_table`; the column `label` may lack.

    Raises:
        ValueError: If the file is not such a table, or has boxes.
    """
    table = _Table(pathlib.Path(filepath), ("path",))
    for _, row in table.rows():
        if any(row.get(name, "").strip() for name in BOX):
            raise table.error(
                "Boxes of a list are not cut out here: leave out the columns "
                "x, y, width and height, or give MegaDetector's .json file"
            )
        yield row["path"]


class _Table:
    """A table file: its columns, its rows and their values."""

    def __init__(self, path, required=REQUIRED):
        self.path = path
        self.required = required
        problem = problem_of(path)
        if problem:
            raise self.error(f"The list must be a file: it is {problem}")
        self.header, self.others = [], []

    def error(self, message):
        return ValueError(f"{message}. Received: directory={str(self.path)!r}")

    def rows(self):
        """Yields the number of each line and its values by column."""
        with open(
            self.path,
            encoding=encoding_of(self.path),
            errors="surrogateescape",
            newline="",
        ) as file:
            try:
                first = file.readline(100_000)
                delimiter = separator_of(first)
                self._read_header(
                    next(csv.reader([first], delimiter=delimiter), [])
                )
                reader = csv.reader(file, delimiter=delimiter)
                for count, cells in enumerate(reader):
                    if count == MAX_ROWS:
                        raise self.error(
                            f"A list must have at most {MAX_ROWS:,} rows"
                        )
                    if any(cell.strip() for cell in cells):
                        line = reader.line_num + 1
                        yield line, self._values(line, cells)
            except (csv.Error, UnicodeError) as error:
                raise self.error(
                    f"The list must be a CSV file in UTF-8: {error}"
                ) from error

    def _read_header(self, cells):
        header = [cell.strip() for cell in cells]
        lower = [name.lower() for name in header]
        self.header = [
            low if low in KNOWN else name
            for low, name in zip(lower, header, strict=True)
        ]
        missing = [name for name in self.required if name not in self.header]
        double = {n for n in self.header if n and self.header.count(n) > 1}
        if missing or double:
            what = (
                f"lacks {' and '.join(missing)}"
                if missing
                else f"names {sorted(double)} twice"
            )
            shown = [name[:30] for name in header[:10]]
            raise self.error(
                "The first line of a list must name its columns, path and "
                "label and optionally split, group, x, y, width, height, each "
                f"once: it {what}, and is {shown}"
            )
        some = [name for name in BOX if name in self.header]
        if some and len(some) < len(BOX):
            raise self.error(
                "A list with boxes must have the columns x, y, width and "
                f"height: it has only {', '.join(some)}"
            )
        self.others = [n for n in self.header if n and n not in KNOWN]

    def _values(self, line, cells):
        surplus = cells[len(self.header) :]
        if len(cells) < len(self.header) or any(surplus):
            raise self.error(
                f"Line {line} of the list must have {len(self.header)} values "
                f"like the first line, but has {len(cells)}: put a value that "
                "contains a separator in quotes"
            )
        row = dict(zip(self.header, cells, strict=False))
        if not row["path"].strip():
            raise self.error(f"Line {line} of the list must have a path")
        return row

    def split(self, line, row):
        word = row.get("split", "").strip()
        split = split_named(word) if word else ""
        if split is None:
            raise self.error(
                f"Line {line} of the list: a split must be train, val, test or "
                f"unused, not {word!r}"
            )
        return split

    def box(self, line, row):
        texts = [row.get(name, "").strip() for name in BOX]
        if not any(texts):
            return None
        try:
            x, y, width, height = map(float, texts)
        except ValueError:
            x = math.nan
        if not (x == x and all(map(math.isfinite, (x, y, width, height)))):
            raise self.error(
                f"Line {line} of the list must have four numbers as x, y, "
                f"width and height, or none, not {texts}"
            )
        return Box(x, y, x + width, y + height)

    def check_boxes(self, entries):
        """Refuses boxes in shares of the picture, which would cut a pixel."""
        boxes = [entry.box for entry in entries if entry.box is not None]
        if boxes and all(max(box.right, box.bottom) <= 1 for box in boxes):
            raise self.error(
                "Boxes of a list must be in pixels, but none reaches beyond 1: "
                "multiply x and width by the width of the picture, y and "
                "height by its height"
            )
