"""Reads the lens of a photo from its EXIF data."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import Any

from PIL import ExifTags
from PIL import Image

from kerasfg.data.files.find import problem_of
from kerasfg.data.files.formats import decoded_formats


@dataclasses.dataclass(frozen=True)
class Lens:
    """The lens of a photo, by its EXIF data.

    Attributes:
        focal_length: 35 mm equivalent focal length in millimetres.
        width: Width of the photo in pixels, as it is stored.
        height: Height of the photo in pixels.
    """

    focal_length: float
    width: int
    height: int


def read_lens(photo: str | os.PathLike[str]) -> Lens:
    """Reads the focal length and the size of a photo; its head is enough.

    Args:
        photo: Path of a photo as a phone or camera wrote it.

    Returns:
        A `Lens`.

    Raises:
        ValueError: If it is not a picture, or has no focal length.
    """
    problem = problem_of(photo)
    if problem:  # opening a pipe would wait for ever
        raise ValueError(
            "The photo must be a picture file. "
            f"Received: photo={str(photo)!r}, which is {problem}"
        )
    try:
        with Image.open(photo, formats=decoded_formats()) as image:
            width, height = image.size
            length = _focal_length(image)
    except Exception as error:  # Pillow raises many types for a damaged file
        raise ValueError(
            "The photo must be a picture file. "
            f"Received: photo={str(photo)!r}, which cannot be read"
        ) from error
    if length is None:
        raise ValueError(
            "The EXIF data of a photo must have its 35 mm equivalent focal "
            "length; messengers and editors remove it. Take the file as the "
            "camera wrote it, or give `fov` and `sensor_pixels`. Received: "
            f"photo={str(photo)!r}"
        )
    return Lens(length, width, height)


def _focal_length(image) -> float | None:
    with contextlib.suppress(Exception):  # damaged data raise many errors
        details: dict[int, Any] = image.getexif().get_ifd(ExifTags.IFD.Exif)
        length = float(details[ExifTags.Base.FocalLengthIn35mmFilm])
        if 1 <= length <= 10_000:  # 0 means that it is not known
            return length
    return None
