"""Crops and shrinks the pictures of a batch."""

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink


def cut(images, rows, corners=None, size=None):
    """Selects some pictures, or cuts a square out of each.

    Args:
        images: Array `(pictures, height, width, 3)`. If it is memory-mapped,
            only the selected pixels are read.
        rows: Indices of the pictures, `(batch,)`.
        corners: Top and left of each square, integers `(batch, 2)`. Defaults
            to `None`: whole pictures.
        size: Side of the squares in pixels. Defaults to `None`; needed with
            `corners`.

    Returns:
        Array `(batch, size, size, 3)`, or `(batch, height, width, 3)` without
        `corners`.

    Example:

    >>> images = np.arange(27).reshape(1, 3, 3, 3)
    >>> cut(images, [0], [(1, 2)], 1).tolist()
    [[[[15, 16, 17]]]]
    """
    if corners is None:
        return images[rows]
    return np.stack(
        [
            images[row, top : top + size, left : left + size]
            for row, (top, left) in zip(rows, corners, strict=True)
        ]
    )


def shrink_batch(images, image_size, resolutions=None):
    """Shrinks pictures with exactly the results of `kerasfg.data.shrink`.

    Pixel values are rounded to integers first.

    Args:
        images: float32 `(batch, side, side, 3)`, 0 to 255.
        image_size: Side of the results in pixels.
        resolutions: A side in pixels for each picture, `(batch,)`. If it is
            below `image_size`, the picture is first shrunk to it and then
            enlarged, which simulates a picture taken from farther away.
            Defaults to `None`.

    Returns:
        float32 array `(batch, image_size, image_size, 3)` of integer values.

    Example:

    >>> images = np.full((2, 32, 32, 3), 99.4, "float32")
    >>> shrink_batch(images, 16)[0, 0, 0].tolist()
    [99.0, 99.0, 99.0]
    """
    levels = np.clip(np.rint(images), 0, 255).astype("uint8")
    if resolutions is None:
        resolutions = [image_size] * len(levels)
    results = [
        _resize(_resize(pixels, min(resolution, image_size)), image_size)
        for pixels, resolution in zip(levels, resolutions, strict=True)
    ]
    return np.stack(results).astype("float32")


def _resize(pixels, size):
    return shrink(Image.fromarray(pixels), int(size), crop="whole")
