"""OpenCV's INTER_AREA and INTER_NEAREST."""

import numpy as np

from kerasfg.evaluation.clients.linear import blend
from kerasfg.evaluation.clients.linear import neighbours


def area(pixels, side):
    """Takes the mean of the area that a new pixel covers.

    This is OpenCV's `INTER_AREA`, and `tf.image.resize(method="area")`. Parts
    of pixels count by their area, where Pillow's `BOX` takes whole ones. If a
    side is enlarged, OpenCV interpolates instead, and only where a new pixel
    covers parts of two old ones. Both were compared with OpenCV 5.0: at most
    one grey level of difference.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`, rounded to the nearest integer.

    Example:

    >>> area(np.arange(16, dtype="uint8").reshape(4, 4, 1), 2)[..., 0].tolist()
    [[3, 5], [11, 13]]
    """
    height, width = pixels.shape[:2]
    if min(height, width) < side:
        rows, columns = (_enlarged(length, side) for length in (height, width))
        enlarged = blend(pixels, rows, columns)
        return np.floor(enlarged + 0.5).astype(np.uint8)
    shorter = _mean_of_rows(pixels, side)
    turned = _mean_of_rows(shorter.transpose(1, 0, 2), side)
    return np.floor(turned.transpose(1, 0, 2) + 0.5).astype(np.uint8)


def nearest(pixels, side):
    """Takes the pixel at the upper left of each new pixel's area.

    OpenCV's `INTER_NEAREST`: pixel `floor(i * length / side)`, not the one
    under the centre.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    rows, columns = (
        np.arange(side) * length // side for length in pixels.shape[:2]
    )
    return pixels[rows][:, columns]


def _enlarged(length, side):
    """Returns the two neighbours of each new pixel, see `neighbours`."""
    new = np.arange(side)
    below = np.floor(new * (length / side))
    # The part of the new pixel that covers the second of them.
    share = new + 1 - (below + 1) * (side / length)
    share = np.where(share <= 0, 0.0, share - np.floor(share))
    first, second, _ = neighbours(below, length)
    return first, second, share


def _mean_of_rows(pixels, side):
    """Returns the means of the rows that each of `side` new rows covers."""
    edges = np.arange(side + 1) * (len(pixels) / side)
    starts = np.arange(len(pixels))
    means = np.empty((side, *pixels.shape[1:]))
    for i, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
        rows = slice(int(low), min(int(np.ceil(high)), len(pixels)))
        covered = np.minimum(starts[rows] + 1, high) - np.maximum(
            starts[rows], low
        )
        some = pixels[rows].reshape(len(covered), -1)
        means[i] = (covered @ some / (high - low)).reshape(means.shape[1:])
    return means
