"""Reads a folder that has one folder of pictures for each class."""

from __future__ import annotations

import os
import pathlib

import numpy as np

from kerasfg.data.files.find import find_files
from kerasfg.data.sources.groups import join_pairs
from kerasfg.data.sources.layout import LayoutReader
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.listing import Picture
from kerasfg.data.sources.listing import check_classes
from kerasfg.data.sources.listing import make_source
from kerasfg.data.sources.source import Source
from kerasfg.data.splits import read_splits
from kerasfg.data.tables import find_names
from kerasfg.data.tables import read_rows

TABLES = ("splits.csv", "near_duplicates.csv")


def from_folder(
    directory: str | os.PathLike[str],
    strict: bool = False,
    class_level: int = 0,
) -> Source:
    """Finds the pictures of a folder with one folder per class.

    Classes and pictures are in natural order (`2.jpg` before `10.jpg`).
    Pictures in subfolders of a class folder belong to the class, and links are
    followed. Folders `train`, `val` (or `valid`, `validation`) and `test`
    above those of the classes are the split. A picture is known by its suffix
    or its first bytes; a warning counts what is left out, and hidden files are
    left out. Nothing is decoded yet: `kerasfg.data.pixels.cache.prepare`
    reports pictures that are broken.

    Two optional tables in the folder are read: `splits.csv` (`path,split`) and
    `near_duplicates.csv` (`path_a,path_b`), whose pairs of pictures always get
    the same split. Their paths are relative to the folder.

    Args:
        directory: Path of the folder.
        strict: Whether `prepare` raises an error for a picture that cannot be
            decoded. Defaults to `False`: it warns and skips the picture.
        class_level: How many folders below the folder (or below its folders
            `train`, `val` and `test`) the classes are. Defaults to `0`: found
            out, with an error if it is not clear.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If the folder does not have one folder of pictures per
            class, or a table names other pictures.
    """
    listing = list_folder(directory, class_level)
    check_classes(listing.class_names(), listing.received)
    return make_source(listing, strict)


def check_directory(directory):
    """Raises `ValueError` unless there is a folder at a path.

    Args:
        directory: The path.
    """
    directory = pathlib.Path(directory)
    if not directory.is_dir():
        kind = "a file" if directory.exists() else "missing"
        raise ValueError(
            "Argument `directory` must be a folder with one folder per class. "
            f"Received: directory={str(directory)!r}, which is {kind}"
        )


def list_folder(
    directory: str | os.PathLike[str], class_level: int = 0
) -> Listing:
    """Lists the pictures of a folder without reading them; see `from_folder`.

    Args:
        directory: Path of the folder.
        class_level: See `from_folder`. Defaults to `0`.

    Returns:
        `Listing`.

    Raises:
        ValueError: See `from_folder`.
    """
    check_directory(directory)
    directory = pathlib.Path(directory)
    found = find_files(directory)
    layout = LayoutReader(found, directory, class_level).read()
    pictures = [
        Picture(file.name, class_name, file, split=split)
        for file, class_name, split in layout.files
    ]
    names = [picture.name for picture in pictures]
    return Listing(
        pictures,
        str(directory),
        left_out=[p for p in found.left_out if p[0] not in TABLES]
        + layout.left_out,
        notes=layout.notes,
        tables=read_tables(
            directory.joinpath,
            names,
            any(picture.split for picture in pictures),
            str(directory),
        ),
    )


def read_tables(find, names, has_split, place):
    """Reads the tables about the pictures of a folder.

    Args:
        find: Function from the name of a table to the `Path` of a file, or of
            nothing.
        names: Names of the pictures.
        has_split: Whether the folders are a split.
        place: The folder, for messages.

    Returns:
        Dictionary, see `Listing.tables`.

    Raises:
        ValueError: If a table names other pictures, or there are two splits.
    """
    splits, near_duplicates = map(find, TABLES)
    read = _read_splits(splits, names)
    if read is not None and has_split:
        raise ValueError(
            "There must be one split: remove splits.csv, or move the pictures "
            "out of the folders train, val and test. "
            f"Received: directory={place!r}"
        )
    return {"splits": read, "groups": _read_groups(near_duplicates, names)}


def _read_splits(filepath, names):
    if not filepath.is_file():
        return None
    given = read_splits(filepath, names)
    positions = find_names(filepath, given, names)
    splits = np.full(len(names), "", dtype="<U6")
    splits[positions] = list(given.values())
    return splits


def _read_groups(filepath, names):
    if not filepath.is_file():
        return None
    rows = read_rows(filepath, ("path_a", "path_b"))
    paths = [row[column] for _, row in rows for column in ("path_a", "path_b")]
    positions = find_names(filepath, paths, names)
    pairs = zip(positions[::2], positions[1::2], strict=True)
    return join_pairs(len(names), pairs)
