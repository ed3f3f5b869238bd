"""Makes a source of the pictures in the lists of an archive."""

import collections
import functools
import os
import stat

import numpy as np

from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.progress import in_threads
from kerasfg.data.sources.boxes import cut_box
from kerasfg.data.sources.source import Source


def listed_source(
    archive, names, labels, class_names, splits, boxes=None, margin=0.0
):
    """Makes a source and checks that all pictures of the archive exist.

    The digest of a picture is its name, size and date. Reading the contents of
    so many pictures would take minutes, and those of an archive do not change.

    Args:
        archive: `kerasfg.data.sources.published.archive.Archive`.
        names: Paths of the pictures relative to `archive.root`, checked by
            `archive.inside`.
        labels: Integer class of each picture.
        class_names: Names of the classes.
        splits: Split of each picture.
        boxes: `(left, top, right, bottom)` to cut out of each picture.
            Defaults to `None`: the whole picture.
        margin: Share of a box's sides that is added on each side. Defaults to
            `0.0`: the boxes are cut as they are published.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If a picture is missing or listed twice, or a class has no
            picture.
    """
    names, class_names = tuple(names), tuple(class_names)
    labels = np.array(labels, np.int32)
    _check_lists(archive, names, labels, class_names)
    stamps = list(
        in_threads(
            functools.partial(_stamp, archive.root), names, "Finding pictures"
        )
    )
    missing = [n for n, stamp in zip(names, stamps, strict=True) if not stamp]
    if missing:
        raise archive.problem(
            f"{len(missing)} of {len(names)} pictures are missing, such as "
            f"{missing[0]}"
        )
    if boxes is not None:
        pairs = zip(stamps, boxes, strict=True)
        more = f" {margin}" if margin else ""
        stamps = [f"{stamp} {tuple(box)}{more}" for stamp, box in pairs]
    return Source(
        class_names=class_names,
        names=names,
        labels=labels,
        digests=tuple(stamps),
        read=functools.partial(_read, archive.root, names, boxes, margin),
        splits=np.array(splits, dtype="<U5"),
    )


def _check_lists(archive, names, labels, class_names):
    for kind, listed in (("picture", names), ("class", class_names)):
        if len(set(listed)) < len(listed):
            ((twice, _),) = collections.Counter(listed).most_common(1)
            raise archive.problem(f"the {kind} {twice!r} is listed twice")
    used = set(labels.tolist())
    if used != set(range(len(class_names))):
        empty = [n for i, n in enumerate(class_names) if i not in used]
        raise archive.problem(
            f"{len(empty)} of {len(class_names)} classes have no picture, such "
            f"as {empty[:3]}"
            if empty
            else f"a picture has a class beyond the {len(class_names)} named"
        )


def _stamp(root, name):
    """Returns name, size and date of a file, or `""` if it does not exist.

    Size and date alone may be those of two pictures: many tools write whole
    seconds.
    """
    try:
        status = os.stat(root / name)
    except OSError:
        return ""
    if not stat.S_ISREG(status.st_mode):
        return ""
    return f"{name} {status.st_size} {status.st_mtime_ns}"


def _read(root, names, boxes, margin, index):
    image = decode_image(root / names[index])
    return image if boxes is None else cut_box(image, boxes[index], margin)
