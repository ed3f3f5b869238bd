"""Animals with Attributes 2: 50 animals, 85 attributes, 37,322 pictures."""

import os
import warnings

import numpy as np

from kerasfg.data.sources.published.archive import MAX_LIST_BYTES
from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.listed import listed_source

TRAIN_SHARE = 0.7
PICTURES = 37_322  # of the 50 classes in the published archive

_DOWNLOAD = (
    "AwA2-data.zip (the pictures) and AwA2-base.zip (the lists) from the home "
    "page of Animals with Attributes 2 at the Institute of Science and "
    "Technology Austria"
)
_LISTS = ("classes.txt", "predicates.txt", "predicate-matrix-binary.txt")


def read_awa2(directory, seed=0):
    """Reads the pictures of Animals with Attributes 2.

    The set has no split for classification. Like Singh et al., 70 % of each
    class are drawn for training. One of these pictures is used for validation
    instead. The rest of the class is the test.

    Args:
        directory: Folder with `JPEGImages` and `classes.txt`, or with the
            folder `Animals_with_Attributes2` that holds them.
        seed: Seed of the draw, an integer. Defaults to `0`.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If a part of the archive is missing.
    """
    archive = _open(directory)
    path = archive.find("classes.txt")
    class_names = [name for (name,) in archive.by_id(path, (str,))]
    names, labels, splits = [], [], []
    for label, class_name in enumerate(class_names):
        found = _pictures(archive, class_name)
        names += found
        labels += [label] * len(found)
        splits += _draw(len(found), np.random.default_rng([seed, label]))
    if len(class_names) == 50 and len(names) != PICTURES:
        warnings.warn(
            f"The published Animals with Attributes 2 has {PICTURES} pictures. "
            f"Found {len(names)}.",
            stacklevel=2,
        )
    return listed_source(archive, names, labels, class_names, splits)


def read_awa2_attributes(directory):
    """Reads the 85 yes-or-no attributes of the classes.

    Args:
        directory: See `read_awa2`. The pictures may be missing.

    Returns:
        `kerasfg.AttributeTable`.

    Raises:
        ValueError: If a list is missing, or the lists do not fit together.
    """
    from kerasfg.data.attributes import AttributeTable

    archive = _open(directory)
    for name in _LISTS:
        archive.check_size(archive.find(name), MAX_LIST_BYTES)
    try:
        return AttributeTable.from_awa2(archive.root)
    except ValueError as error:
        reason = str(error).rstrip(".")
        raise archive.problem(f"its lists do not fit ({reason})") from error


def _open(directory):
    return Archive(
        directory,
        "Animals with Attributes 2",
        _DOWNLOAD,
        "Animals_with_Attributes2",
    )


def _pictures(archive, class_name):
    """Lists the pictures of a class; raises an error if there are too few."""
    folder = archive.inside(class_name, "JPEGImages")
    try:
        files = sorted(os.listdir(archive.root / folder))
    except OSError:
        files = []
    found = [
        f"{folder}/{file}"
        for file in files
        if file.lower().endswith(".jpg") and not file.startswith(".")
    ]
    if len(found) < 3:
        raise archive.problem(
            f"the folder {folder} has {len(found)} pictures, but a class needs "
            "at least three"
        )
    return found


def _draw(count, random):
    """Draws the splits of the pictures of one class."""
    order = random.permutation(count)
    train = int(count * TRAIN_SHARE + 0.5)
    splits = np.full(count, "test", dtype="<U5")
    splits[order[:train]] = "train"
    splits[order[0]] = "val"
    return splits.tolist()
