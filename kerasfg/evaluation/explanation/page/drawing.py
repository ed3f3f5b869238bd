"""Pictures inside the page."""

import base64
import io

import matplotlib
import numpy as np
from PIL import Image

COLORS = "viridis"  # perceptually uniform
OPACITY = 0.65  # of the map over the grey picture
SIDE = 192  # in pixels, about
_THUMBNAIL = 168  # longest side in pixels
_QUALITY = 74


def as_seen(image):
    """Draws the input of the network, each pixel as a square.

    Args:
        image: uint8 array `(size, size, 3)`.

    Returns:
        `data:` URI.
    """
    return _uri(_enlarged(image), "png")


def under_map(image, values):
    """Draws a map over the grey picture.

    Only parts that support the class have a colour: from dark, where it is 0 or
    less, to yellow, the highest value. Each place of the map is one rectangle.

    Args:
        image: uint8 array `(size, size, 3)`.
        values: Float array of shape `(map_height, map_width)`.

    Returns:
        `data:` URI.
    """
    picture = _enlarged(image)
    grey = (picture @ np.array([0.299, 0.587, 0.114]))[..., None]
    positive = np.maximum(values, 0)
    shares = positive / max(positive.max(), 1e-12)
    height, width = picture.shape[:2]
    rows = np.arange(height) * len(shares) // height
    columns = np.arange(width) * shares.shape[1] // width
    colors = matplotlib.colormaps[COLORS](shares[rows][:, columns])[..., :3]
    mixed = (1 - OPACITY) * grey + OPACITY * 255 * colors
    return _uri(mixed.round().astype("uint8"), "png")


def thumbnail(picture):
    """Makes a small JPEG of a picture.

    Args:
        picture: RGB `PIL.Image.Image`.

    Returns:
        `data:` URI.
    """
    small = picture.copy()
    small.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BICUBIC)
    return _uri(np.asarray(small), "jpeg", quality=_QUALITY)


def _enlarged(image):
    factor = max(1, SIDE // max(image.shape[:2]))
    return np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)


def _uri(pixels, kind, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, optimize=True, **options)
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/{kind};base64,{text}"
