"""Which camera took a picture and when, from its EXIF data."""

from __future__ import annotations

import contextlib

from PIL import ExifTags
from PIL import Image

# `decode_image` leaves the text under this key of the picture's `info`.
KEY = "kerasfg_captured"

_LONGEST = 100  # characters of a camera or a time


def captured(exif: Image.Exif) -> str:
    """Reads the camera and the time from the EXIF data of a picture.

    Args:
        exif: `PIL.Image.Exif`.

    Returns:
        Text `"camera|time"`. The camera is its make, model and serial number;
        the time is that of the exposure, or else of the file, such as
        `"2024:05:01 09:30:00"`. Either may be empty; `""` if both are.

    Example:

    >>> exif = Image.Exif()
    >>> exif[ExifTags.Base.Model] = "Trap 3"
    >>> exif[ExifTags.Base.DateTime] = "2024:05:01 09:30:00"
    >>> captured(exif)
    'Trap 3|2024:05:01 09:30:00'
    """
    if not exif:
        return ""
    base, details = ExifTags.Base, {}
    with contextlib.suppress(Exception):  # damaged data raise many errors
        details = exif.get_ifd(ExifTags.IFD.Exif)
    parts = [exif.get(base.Make), exif.get(base.Model)]
    parts.append(details.get(base.BodySerialNumber))
    camera = _clean(" ".join(_clean(part) for part in parts if part))
    time = _clean(details.get(base.DateTimeOriginal) or exif.get(base.DateTime))
    return f"{camera}|{time}" if camera or time else ""


def _clean(value):
    """Returns one line of text without the separator."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    text = value if isinstance(value, str) else ""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.replace("|", " ").split())[:_LONGEST]
