"""Draws the random parameters of the views of a picture."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from kerasfg.data.views.resizers import MIXED
from kerasfg.data.views.resizers import TRAINING

# Share of the square's area that a view shows, from and to.
AREA = (0.5, 1.0)
# By how much one side is longer, and the other shorter, at most.
STRETCH = 0.07
# Largest factor of a colour in a cast, above 1 or below, as a share.
CAST = 0.06
# Half of the views of `mixed` have been a JPEG file, of a quality from and to.
QUALITY = (30, 95)

_NUMBERS = 14  # drawn for each view, even if not all are used


class View(NamedTuple):
    """The parameters of a view.

    Attributes:
        width: Width of its crop, as a share of the square's (or picture's).
        height: Height of its crop, likewise.
        left: Share of the horizontal room that is left of the crop, 0 to 1.
        top: How much of the room is above it, 0 to 1.
        mirrored: Whether left and right are exchanged.
        brightness: Factor of the levels.
        contrast: Factor of the distance to the mean grey.
        saturation: Factor of the distance to the grey of each pixel.
        cast: Factors of red, green and blue.
        resizer: Name of the way in which it is shrunk, see
            `kerasfg.data.views.resizers`.
        quality: Quality of the JPEG file that it has been, or 0 for none.
    """

    width: float
    height: float
    left: float
    top: float
    mirrored: bool
    brightness: float
    contrast: float
    saturation: float
    cast: tuple[float, float, float]
    resizer: str
    quality: int


def draw_views(
    name: str,
    count: int,
    seed: int,
    mixed: bool = False,
    flip: bool = True,
    color: float = 0.2,
) -> list[View]:
    """Draws the views of a picture, by its name and a seed.

    So they do not depend on what other pictures there are. Crop and colour are
    the same whether or not the way of shrinking is drawn, and a larger `count`
    begins with the views of a smaller one.

    Args:
        name: Name of the picture.
        count: Number of views.
        seed: Non-negative integer.
        mixed: Whether each view is shrunk in one of several ways, with a cast
            of colour, and half of them have been a JPEG file. Defaults to
            `False`: all are shrunk as the pictures of the test are.
        flip: Whether half of the views are mirrored. Defaults to `True`.
        color: Largest change of brightness, contrast and saturation, as a
            share. Defaults to `0.2`.

    Returns:
        List of `View`s.

    Example:

    >>> views = draw_views("robin/1.jpg", 16, seed=0)
    >>> all(0.45 < view.width * view.height <= 1 for view in views)
    True
    """
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"))
    words = np.frombuffer(digest.digest()[:16], "<u4").tolist()
    random = np.random.default_rng([seed, *words])
    drawn = random.uniform(size=(count, _NUMBERS))
    return [_view(numbers, mixed, flip, color) for numbers in drawn]


def _view(numbers, mixed, flip, color):
    area, stretch, left, top, mirrored, *colors = numbers[:8].tolist()
    resizer, is_jpeg, quality, *cast = numbers[8:].tolist()
    side = np.sqrt(_between(*AREA, area))
    ratio = 1 + STRETCH * (2 * stretch - 1)
    return View(
        width=min(float(side * ratio), 1.0),
        height=min(float(side / ratio), 1.0),
        left=left,
        top=top,
        mirrored=flip and mirrored < 0.5,
        brightness=_factor(color, colors[0]),
        contrast=_factor(color, colors[1]),
        saturation=_factor(color, colors[2]),
        cast=tuple(_factor(CAST * mixed, x) for x in cast),
        resizer=MIXED[int(resizer * len(MIXED))] if mixed else TRAINING,
        quality=round(_between(*QUALITY, quality))
        if mixed and is_jpeg < 0.5
        else 0,
    )


def _between(low, high, share):
    return low + (high - low) * share


def _factor(largest, share):
    return 1 + largest * (2 * share - 1)
