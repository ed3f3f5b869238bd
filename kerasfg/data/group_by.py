"""Keys that pictures share: a folder, a burst of one camera, a column."""

from __future__ import annotations

import datetime
import unicodedata

BURST_SECONDS = 2.0  # between a picture of a burst and the next

_WAYS = "`folder`, `burst` or `column:NAME`"
_TIME = "%Y:%m:%d %H:%M:%S"


def check_group_by(group_by):
    """Raises `ValueError` unless `shared_keys` knows a way of grouping.

    Args:
        group_by: `""`, or one of the ways.
    """
    name = group_by.removeprefix("column:")
    is_column = group_by.startswith("column:") and name.strip()
    if group_by not in ("", "folder", "burst") and not is_column:
        raise ValueError(
            f"Argument `group_by` must be {_WAYS}, with the name of a column "
            f"of the list of pictures. Received: group_by={group_by!r}"
        )


def shared_keys(pixels, group_by):
    """Returns the key that each picture shares with others.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        group_by: `"folder"`: the folder below that of the class, such as a
            camera or a day, also of pictures of several classes. `"burst"`:
            pictures that one camera took within 2 s of each other, by their
            EXIF data. `"column:NAME"`: the text in a column of the list of
            pictures.

    Returns:
        List of a text for each picture, `""` for none.

    Raises:
        ValueError: If pictures are directly in the folder of their class, none
            has EXIF data, or there is no such column.
    """
    check_group_by(group_by)
    if group_by == "folder":
        return _folders(pixels)
    if group_by == "burst":
        return _bursts(pixels)
    return _column(pixels, group_by.removeprefix("column:"))


def _folders(pixels):
    keys = []
    for name, label in zip(pixels.names, pixels.labels, strict=True):
        folders = name.split("/")[:-1]
        class_name = pixels.class_names[label]
        plain = [unicodedata.normalize("NFC", folder) for folder in folders]
        # The first folder of this name is the class; those above it, if any,
        # are a split or a place.
        depth = plain.index(class_name) + 1 if class_name in plain else 0
        keys.append("/".join(folders[depth:]))
    loose = [n for n, key in zip(pixels.names, keys, strict=True) if not key]
    if loose:
        raise ValueError(
            "To group by folder, every picture must be in a folder below that "
            "of its class, such as daisy/camera1/7.jpg: put those of one "
            "camera or one day into one folder. "
            f"Received: {len(loose)} of {len(keys)} pictures directly in the "
            f"folder of their class, such as {loose[0]!r}"
        )
    return keys


def _bursts(pixels):
    taken = [_parsed(text) for text in pixels.captured]
    rows = [row for row, value in enumerate(taken) if value]
    if not rows:
        raise ValueError(
            "To group by burst, the pictures must have a time in their EXIF "
            "data; pictures that were edited or sent by a messenger have often "
            "lost it. Sort them into folders and use `folder`, or leave it "
            f"out. Received: group_by='burst', {len(taken)} pictures without"
        )
    rows.sort(key=lambda row: taken[row])
    keys = [""] * len(taken)
    numbers = numbered_bursts(taken[row] for row in rows)
    for row, number in zip(rows, numbers, strict=True):
        keys[row] = str(number)
    return keys


def numbered_bursts(taken):
    """Yields the number of the burst of each picture, from 1.

    Args:
        taken: Iterable of pairs of a camera and a `datetime.datetime`, in
            their order; `None` for a picture that is a burst of its own.

    Example:

    >>> noon = datetime.datetime(2024, 5, 1, 12)
    >>> later = noon + datetime.timedelta(seconds=2)
    >>> list(numbered_bursts([("a", noon), ("a", later), ("b", later)]))
    [1, 1, 2]
    """
    before, number = None, 0
    for one in taken:
        if not _are_one_burst(before, one):
            number += 1
        before = one
        yield number


def _are_one_burst(before, after):
    if before is None or after is None or before[0] != after[0]:
        return False
    return (after[1] - before[1]).total_seconds() <= BURST_SECONDS


def _parsed(text):
    """Returns the camera and the time of a text `"camera|time"`, or `None`."""
    camera, _, time = text.rpartition("|")
    try:
        return camera, datetime.datetime.strptime(time[:19], _TIME)
    except ValueError:
        return None


def _column(pixels, name):
    if name not in pixels.columns:
        known = ", ".join(sorted(pixels.columns)) or "none"
        raise ValueError(
            "To group by a column, the pictures must come from a list that has "
            f"it. Received: group_by='column:{name}', with the columns: {known}"
        )
    return [text.strip() for text in pixels.columns[name]]
