"""Reads COCO and MegaDetector files."""

from __future__ import annotations

import json
import os
import pathlib

from kerasfg.data.files.find import problem_of
from kerasfg.data.files.spelling import spelled_here
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.lists.coco import coco_entries
from kerasfg.data.sources.lists.entries import list_entries
from kerasfg.data.sources.lists.megadetector import megadetector_entries

MAX_BYTES = 512 * 2**20

# Where COCO's pictures are, relative to its lists.
_FOLDERS = ("", "images", "..", "../images")


def list_json(
    filepath: str | os.PathLike[str], origin: str | None = None
) -> Listing:
    """Lists the pictures of a COCO or MegaDetector file.

    Args:
        filepath: Path of the `.json` file. Paths in it are relative to its
            folder, or, if nothing is there, to `images` in it, to the folder
            above or to `images` in that.
        origin: Address that it was downloaded from, whose folder the paths are
            relative to. Defaults to `None`: it is a file of this disk.

    Returns:
        `Listing`.

    Raises:
        ValueError: If the file is neither of them, is too large or broken.
    """
    path = pathlib.Path(filepath)
    data = read_json(path)
    received = f"Received: directory={str(path)!r}"
    read = _reader(data)
    if read is None:
        raise ValueError(
            "A JSON file of pictures must be one of COCO, with images, "
            "annotations and categories, or of MegaDetector, with images and "
            f"detection_categories. {received}"
        )
    try:
        entries, left_out, notes = read(data)
    except (
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        ArithmeticError,
    ) as e:
        raise ValueError(
            "The JSON file must be as COCO or MegaDetector write it: "
            f"{type(e).__name__}: {str(e)[:100]}. {received}"
        ) from e
    listing = list_entries(
        entries,
        origin or folder_of(path, [entry.path for entry in entries]),
        str(path),
        left_out,
    )
    listing.notes.extend(f"{note} of {path}." for note in notes)
    return listing


def _reader(data):
    """Returns the function that knows the format, or `None`."""
    if isinstance(data, dict) and "annotations" in data:
        return coco_entries
    if isinstance(data, dict) and "detection_categories" in data:
        return megadetector_entries
    return None


def read_json(path):
    """Reads a list, whose size is capped.

    Args:
        path: `Path` of the file.

    Raises:
        ValueError: If it is not a JSON file, or too large.
    """
    received = f"Received: directory={str(path)!r}"
    problem = problem_of(path)
    if problem:
        raise ValueError(
            f"The list must be a file: it is {problem}. {received}"
        )
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(
            f"A JSON file of pictures must have at most {MAX_BYTES} bytes, not "
            f"{size}. {received}"
        )
    try:
        return json.loads(path.read_bytes(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"The file must be JSON: {str(error)[:100]}. {received}"
        ) from error


def _no_number(text):
    raise ValueError(f"{text} is not a number")


def folder_of(path, names):
    """Returns the folder in which the most of some pictures exist.

    Args:
        path: `Path` of the list.
        names: Paths of its pictures, as it has them.
    """
    some = names[:: max(1, len(names) // 50)]

    def found(folder):
        return sum(spelled_here(folder, name) is not None for name in some)

    return max((path.parent / folder for folder in _FOLDERS), key=found)
