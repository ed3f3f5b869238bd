"""Texts that belong to pictures: their camera, their place, their size."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasfg.data.group_by import shared_keys
from kerasfg.data.tables import find_names
from kerasfg.data.tables import read_rows

if TYPE_CHECKING:
    from kerasfg.data.pixels.cache import PixelCache

PATH = "path"
# Columns that are known without a table.
KNOWN = ("size", "camera", "folder")


def columns_of(
    pixels: PixelCache,
    by: Sequence[str],
    by_table: str | os.PathLike[str] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Finds the texts of columns for each picture.

    A column is looked for in `by_table`, then in the list that the pictures
    come from. Without one of that name these are known: `size`, the shorter
    side of the picture in pixels; `camera`, the make, model and serial number
    in its EXIF data; `folder`, the folder below that of the class, which each
    picture must have.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        by: Names of columns.
        by_table: A CSV file with the column `path` and others, or `None`. A
            path is relative to the folder of the pictures, as in `splits.csv`.
            Pictures that it does not name have no value.

    Returns:
        Dictionary from each name to a text for each picture, `""` for none.

    Raises:
        ValueError: If there is no such column, a picture lies in no folder
            below that of its class, the table names other pictures
            or one picture twice, or it is given without `by`.
    """
    by = tuple(dict.fromkeys(by))
    if by_table is None:
        return {name: _known(pixels, name) for name in by}
    if not by:
        raise ValueError(
            "A table of the pictures is read only for its columns: name them "
            f"in `by`. Received: by_table={str(by_table)!r}"
        )
    in_table = _read(pixels, by, by_table)
    return {
        name: in_table[name] if name in in_table else _known(pixels, name)
        for name in by
    }


def _known(pixels, name):
    if name in pixels.columns:
        return tuple(text.strip() for text in pixels.columns[name])
    if name == "size":
        return tuple(str(min(size)) for size in pixels.picture_sizes.tolist())
    if name == "camera":
        return tuple(x.rpartition("|")[0].strip() for x in pixels.captured)
    if name == "folder":
        return tuple(shared_keys(pixels, "folder"))
    known = ", ".join(sorted({*pixels.columns, *KNOWN}))
    raise ValueError(
        "Pictures are compared by a column of the list that they come from, or "
        "of a table with the column `path`: give it as `by_table`. Received: "
        f"by={name!r}, and the columns are: {known}"
    )


def _read(pixels, by, filepath):
    """Returns the columns of a table that it has, of those that are wanted."""
    wanted = [name for name in by if name != PATH]
    rows = read_rows(filepath, (PATH,), wanted)
    skipped = [name for name, _ in pixels.skipped]
    names = [*pixels.names, *skipped]
    places = find_names(filepath, [row[PATH] for _, row in rows], names)
    found = {name: [""] * len(names) for name in wanted}
    seen = set()
    for place, (line, row) in zip(places, rows, strict=True):
        if place in seen:
            raise ValueError(
                f"Line {line} of {filepath}: a picture must have one line. "
                f"Received: path={row[PATH]!r} a second time"
            )
        seen.add(place)
        for name in wanted:
            found[name][place] = row.get(name, "").strip()
    there = set().union(*(row for _, row in rows)) if rows else set()
    return {
        name: tuple(texts[: len(pixels)])
        for name, texts in found.items()
        if name in there
    }
