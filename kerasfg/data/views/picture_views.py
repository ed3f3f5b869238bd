"""Makes the views of a picture, at its own size."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from kerasfg.data.pixels.low_resolution import crop_box
from kerasfg.data.views.colours import colours_of
from kerasfg.data.views.colours import recoloured
from kerasfg.data.views.drawing import View
from kerasfg.data.views.resizers import TRAINING
from kerasfg.data.views.resizers import frame_of
from kerasfg.data.views.resizers import resize

# Views of a larger picture are made of it at half, a third ... of its size, but
# of at least this many pixels, and this many times those of the network.
_LEAST_SIDE = 512
_LEAST_TIMES = 3


def picture_views(
    image: Image.Image,
    views: Sequence[View],
    image_size: int,
    crop: Literal["center", "whole"] = "center",
    teacher_size: int = 0,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    """Makes the views of a picture, and the same ones for a teacher.

    Args:
        image: RGB picture at its own size.
        views: The parameters of each view.
        image_size: Side of a view in pixels.
        crop: What the crops of views are cut from: the `"center"` square, or
            the `"whole"` picture. Defaults to `"center"`.
        teacher_size: Side of a view that the teacher gets, in pixels. It shows
            the same crop in the same colours, shrunk as the pictures of the
            test are. Defaults to `0`: there is no teacher.

    Returns:
        Tuple of uint8 arrays `(views, image_size, image_size, 3)` and
        `(views, teacher_size, teacher_size, 3)`, or `None` in its place.

    Example:

    >>> from kerasfg.data.views.drawing import draw_views
    >>> image = Image.new("RGB", (90, 60), "red")
    >>> own, larger = picture_views(image, draw_views("a", 3, 0), 8)
    >>> own.shape, larger
    ((3, 8, 8, 3), None)
    """
    square = image.crop(crop_box(*image.size, crop))
    square = _reduced(square, image_size, teacher_size)
    own, larger = [], []
    for view in views:
        part = square.crop(box_of(view, *square.size))
        if view.mirrored:
            part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        mean = part.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        colours = colours_of(view, mean)
        own.append(recoloured(_shrunk(part, view, image_size), colours))
        if teacher_size:
            pixels = np.array(resize(part, teacher_size, TRAINING))
            larger.append(recoloured(pixels, colours))
    return np.stack(own), np.stack(larger) if teacher_size else None


def box_of(view: View, width: int, height: int) -> tuple[int, int, int, int]:
    """Computes the crop of a view in whole pixels.

    Args:
        view: `View`.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.

    Returns:
        `(left, top, right, bottom)`.
    """
    across = max(1, round(view.width * width))
    down = max(1, round(view.height * height))
    left = int(view.left * (width - across + 1))
    top = int(view.top * (height - down + 1))
    return (left, top, left + across, top + down)


def _reduced(square, image_size, teacher_size):
    """Shrinks a picture that is much larger than all of its views."""
    least = max(_LEAST_SIDE, _LEAST_TIMES * image_size, 2 * teacher_size)
    factor = min(square.size) // least
    return square.reduce(factor) if factor > 1 else square


def _shrunk(part, view, image_size):
    frame = frame_of(part, image_size, view.resizer)
    if view.quality:
        frame = _from_jpeg(frame, view.quality)
    return np.array(resize(frame, image_size, view.resizer))


def _from_jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "jpeg", quality=quality)
    with Image.open(file, formats=["JPEG"]) as decoded:
        return decoded.convert("RGB")
