"""Finds the reader of a published data set by its name, as in `awa2:DIR`."""

import pathlib
import re

from kerasfg.data.remote.address import is_remote
from kerasfg.data.sources.published.awa2 import read_awa2
from kerasfg.data.sources.published.awa2 import read_awa2_attributes
from kerasfg.data.sources.published.cub200 import read_cub200
from kerasfg.data.sources.published.cub200 import read_cub200_attributes
from kerasfg.data.sources.published.deepfashion import read_deepfashion
from kerasfg.data.sources.published.deepfashion import (
    read_deepfashion_attributes,
)
from kerasfg.data.sources.published.flowers17 import read_flowers17
from kerasfg.data.sources.published.flowers17 import read_flowers17_halves
from kerasfg.data.sources.published.stanford_dogs import read_stanford_dogs

READERS = {
    "awa2": read_awa2,
    "cub200": read_cub200,
    "deepfashion": read_deepfashion,
    "flowers17": read_flowers17,
    "flowers17_halves": read_flowers17_halves,
    "stanford_dogs": read_stanford_dogs,
}
WITH_BOXES = ("cub200", "deepfashion")
# Functions of the folder and the threshold, which only percentages need.
ATTRIBUTE_READERS = {
    "awa2": lambda folder, threshold: read_awa2_attributes(folder),
    "cub200": read_cub200_attributes,
    "deepfashion": lambda folder, threshold: read_deepfashion_attributes(
        folder
    ),
}


def split_place(place):
    """Splits `NAME:DIR` into the name of a data set and its folder.

    Args:
        place: Place of pictures or attributes, a string.

    Returns:
        Tuple of the name of a published data set and its folder, or `None` if
        the place is a path, `tfds:NAME`, `hf://NAME` or another address.

    Raises:
        ValueError: If the place begins with `NAME:`, the name is unknown, and
            the place is not an existing path.

    Example:

    >>> split_place("awa2:data/AwA2")
    ('awa2', 'data/AwA2')
    >>> split_place("photos")
    """
    # A single letter is a drive on Windows.
    match = re.match(r"(\w{2,}):(.*)", place, re.DOTALL)
    if not match or match[1] in ("tfds", "hf") or is_remote(place):
        return None
    name, folder = match.groups()
    if name not in READERS:
        if pathlib.Path(place).exists():
            return None
        raise ValueError(
            "The text before the colon must be the name of a published data "
            f"set, one of {', '.join(READERS)}, or tfds; or the whole text "
            f"must be an existing path. Received: {place!r}"
        )
    if not folder:
        raise ValueError(
            f"The colon must be followed by the folder that {name} was "
            f"unpacked into. Received: {place!r}"
        )
    return name, folder


def with_absolute_folder(place):
    """Makes the folder of `NAME:DIR`, a path, or `hf://DIR` absolute."""
    known = split_place(place)
    if is_remote(place):
        return place
    if place.startswith("hf://"):
        folder = pathlib.Path(place.removeprefix("hf://"))
        return f"hf://{folder.absolute()}" if folder.is_dir() else place
    if known is None:
        return str(pathlib.Path(place).absolute())
    name, folder = known
    return f"{name}:{pathlib.Path(folder).absolute()}"


def read_published(name, folder, boxes=False, margin=0.0):
    """Reads the pictures of a published data set.

    Args:
        name: One of `READERS`.
        folder: The folder that the archive was unpacked into.
        boxes: Whether pictures are cropped to the bounding box of the object.
            Defaults to `False`.
        margin: Share of a box's sides that is added on each side. Defaults to
            `0.0`.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If the data set is incomplete, or has no bounding boxes.
    """
    if not boxes:
        return READERS[name](folder)
    if name not in WITH_BOXES:
        raise ValueError(
            f"Only {' and '.join(WITH_BOXES)} have bounding boxes. Leave out "
            f"the option. Received: boxes={boxes}, name={name!r}"
        )
    return READERS[name](folder, boxes=True, margin=margin)


def read_published_attributes(name, folder, threshold=None):
    """Reads the attributes of the classes of a published data set.

    Args:
        name: One of `ATTRIBUTE_READERS`.
        folder: The folder that the archive was unpacked into.
        threshold: Percentage at or above which an attribute of `cub200` means
            yes. Defaults to `None`, which is 50.

    Returns:
        `kerasfg.AttributeTable`.

    Raises:
        ValueError: If a list is missing, or the data set has no attributes.
    """
    if name not in ATTRIBUTE_READERS:
        raise ValueError(
            f"Only {', '.join(ATTRIBUTE_READERS)} come with attributes. "
            f"Received: attributes='{name}:{folder}'"
        )
    return ATTRIBUTE_READERS[name](folder, threshold)
