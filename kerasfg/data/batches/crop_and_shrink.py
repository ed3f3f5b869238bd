"""Crops and sizes of a batch's pictures, by the one down-sampler."""

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink


def cut(images, rows, corners=None, size=None):
    """Takes some pictures, or a square out of each.

    Args:
        images: Array `(pictures, height, width, 3)`; it may be memory-mapped,
            and only what is taken is read.
        rows: Indices of the pictures, `(batch,)`.
        corners: Top and left of each square, integers `(batch, 2)`. Defaults
            to `None`, whole pictures.
        size: Side of the squares in pixels. Defaults to `None`.

    Returns:
        Array `(batch, size, size, 3)`.

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
    """Shrinks pictures, each as `kerasfg.data.shrink` does, to the last bit.

    Augmented pictures are rounded to whole levels first.

    Args:
        images: float32 `(batch, side, side, 3)`, 0 to 255.
        image_size: Side of the results in pixels.
        resolutions: A side for each picture, `(batch,)`: one that is below
            `image_size` is what the picture is shrunk to first, so that it
            holds no more than if it had been taken from farther away.
            Defaults to `None`.

    Returns:
        float32 array `(batch, image_size, image_size, 3)` of whole levels.

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
