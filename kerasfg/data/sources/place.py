"""Reads the pictures of any place that is made of files."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Sequence

from kerasfg.data.files.find import problem_of
from kerasfg.data.remote.address import is_remote
from kerasfg.data.sources.archives.tar_file import list_tar
from kerasfg.data.sources.archives.zip_file import list_zip
from kerasfg.data.sources.elsewhere.remote_place import check_remote
from kerasfg.data.sources.elsewhere.remote_place import list_remote
from kerasfg.data.sources.folder import list_folder
from kerasfg.data.sources.hugging_face import check_hugging_face
from kerasfg.data.sources.hugging_face import is_hugging_face
from kerasfg.data.sources.hugging_face import list_hugging_face
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.listing import check_classes
from kerasfg.data.sources.listing import make_source
from kerasfg.data.sources.lists.json_file import list_json
from kerasfg.data.sources.lists.table import SUFFIXES
from kerasfg.data.sources.lists.table import list_table
from kerasfg.data.sources.several import check_same_splits
from kerasfg.data.sources.several import join_sources
from kerasfg.data.sources.source import Source

Place = str | os.PathLike[str]


def from_places(
    places: Place | Sequence[Place],
    strict: bool = False,
    class_level: int = 0,
    box_margin: float | None = None,
) -> Source:
    """Reads the pictures of a place, or of several, of any kind.

    A place is a folder, zip or tar file of class folders, a list of pictures
    (CSV, COCO or MegaDetector), a data set of the library `datasets`, or the
    address of a folder of a bucket, of an archive or of a list. See
    `docs/pictures.md`.

    Args:
        places: A path, `hf://NAME` or an address, or a sequence of them.
        strict: See `kerasfg.data.from_folder`. Defaults to `False`.
        class_level: See `kerasfg.data.from_folder`. Defaults to `0`.
        box_margin: Share of a box's sides that is added on each side. Defaults
            to `None`, which is 0.1.

    Returns:
        `kerasfg.data.Source`. Classes of one name are one.

    Raises:
        ValueError: If a place is none of these, there is none, or there are
            fewer than two classes.
        ImportError: If a place needs a library that is not installed.
        kerasfg.data.remote.errors.Halted: If a server does not answer.
    """
    places = place_strings(places)
    sources = [
        read_place(place, strict, class_level, box_margin) for place in places
    ]
    source = join_sources(sources, places)
    check_classes(source.class_names, _received(places))
    return source


def read_place(place, strict=False, class_level=0, box_margin=None):
    """Reads one of several places; see `from_places`."""
    return make_source(list_place(place, class_level), strict, box_margin)


def check_places(places: Place | Sequence[Place], class_level: int = 0) -> None:
    """Checks places without reading pictures; see `from_places`.

    What is not on this disk is not listed: only its address is checked.

    Args:
        places: See `from_places`.
        class_level: See `from_places`. Defaults to `0`.

    Raises:
        ValueError: See `from_places`.
    """
    places = place_strings(places)
    names, with_split, all_here = set(), [], True
    for place in places:
        if is_remote(place) or is_hugging_face(place):
            check = check_remote if is_remote(place) else check_hugging_face
            check(place)
            all_here = False
            continue
        listing = list_place(place, class_level)
        names.update(listing.class_names())
        with_split.append(listing.has_splits())
    if all_here:
        check_classes(sorted(names), _received(places))
        check_same_splits(with_split, places)


def place_strings(places: Place | Sequence[Place]) -> list[str]:
    """Returns one place, or several, as a list of strings."""
    if isinstance(places, str | os.PathLike):
        return [str(places)]
    if not places:
        raise ValueError(
            "There must be a folder or another place of pictures. "
            f"Received: {places!r}"
        )
    return [str(place) for place in places]


def _received(places):
    shown = places[0] if len(places) == 1 else places
    return f"Received: directory={shown!r}"


def list_place(place: str, class_level: int = 0) -> Listing:
    """Lists the pictures of a place; see `from_places`.

    Args:
        place: A path or `hf://NAME`.
        class_level: See `kerasfg.data.from_folder`. Defaults to `0`.

    Returns:
        `Listing`.

    Raises:
        ValueError: See `from_places`.
    """
    try:
        return _list_place(place, class_level)
    except PermissionError as error:
        raise ValueError(
            "The place of the pictures must be readable: give yourself the "
            f"right to read {str(error.filename or place)!r}. "
            f"Received: directory={place!r}"
        ) from error


def _list_place(place, class_level):
    if is_remote(place):
        return list_remote(place, class_level)
    if is_hugging_face(place):
        return list_hugging_face(place)
    path = pathlib.Path(place)
    if path.is_dir():
        return list_folder(path, class_level)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES and path.exists():
        return list_table(path)
    if suffix == ".json" and path.exists():
        return list_json(path)
    if suffix == ".zip" and path.exists():
        return list_zip(path, class_level)
    if suffix == ".tar" and path.exists():
        return list_tar(path, class_level)
    if re.search(r"\.(tar\.\w+|tgz|tbz2?|txz)$", path.name.lower()):
        raise ValueError(
            "A tar file must not be compressed: decompress it, for example "
            "with gunzip, and name the .tar file. Received: "
            f"directory={place!r}"
        )
    kind = "missing" if not path.exists() else problem_of(path) or "a file"
    raise ValueError(
        "Argument `directory` must be a folder with one folder per class, a "
        ".zip or .tar file of them, a list of pictures (.csv, .tsv, or .json "
        "of COCO or MegaDetector), hf://NAME or the address of one of these. "
        f"Received: directory={place!r}, which is {kind}"
    )
