"""Changes the colours of a view: one matrix for all drawn changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kerasfg.data.views.drawing import View

# Weights of red, green and blue in a grey picture (ITU-R BT.601).
LUMINANCE = (0.299, 0.587, 0.114)


class Colours(NamedTuple):
    """A change of colours: `matrix @ colour + offset`.

    Attributes:
        matrix: float32 array `(3, 3)`.
        offset: float32 array `(3,)`, in levels.
    """

    matrix: np.ndarray
    offset: np.ndarray


def colours_of(view: View, mean: npt.ArrayLike) -> Colours:
    """Joins the changes that were drawn for a view, one after the other.

    The levels are multiplied by its brightness; the distance to the mean grey
    by its contrast; the distance to the grey of each pixel by its saturation;
    and red, green and blue by its cast.

    Args:
        view: `View`.
        mean: Mean red, green and blue of the crop, 0 to 255.

    Returns:
        `Colours`.
    """
    grey = np.outer(np.ones(3), LUMINANCE)  # its product is the grey of a pixel
    saturation = view.saturation * np.eye(3) + (1 - view.saturation) * grey
    last = np.diag(view.cast) @ saturation
    level = view.brightness * np.dot(LUMINANCE, mean)
    offset = last @ np.full(3, (1 - view.contrast) * level)
    matrix = view.brightness * view.contrast * last
    return Colours(matrix.astype("float32"), offset.astype("float32"))


def recoloured(
    pixels: npt.NDArray[np.uint8], colours: Colours
) -> npt.NDArray[np.uint8]:
    """Changes the colours of pixels, rounded and within 0 and 255.

    Args:
        pixels: uint8 array `(..., 3)`.
        colours: `Colours`.

    Returns:
        uint8 array of the same shape.

    Example:

    >>> darker = Colours(np.eye(3) / 2, np.zeros(3))
    >>> recoloured(np.array([[200, 100, 51]], "uint8"), darker).tolist()
    [[100, 50, 26]]
    """
    flat = pixels.reshape(-1, 3).astype("float32")
    changed = flat @ colours.matrix.T + colours.offset
    # To the nearest integer, a half up, within the levels.
    np.clip(changed + 0.5, 0, 255, out=changed)
    return changed.astype("uint8").reshape(pixels.shape)
