"""Linear interpolation between four pixels, without antialiasing."""

import numpy as np


def linear(pixels, side):
    """Interpolates between the four pixels around each new pixel's centre.

    However much a picture shrinks, only four of its pixels make a new one, and
    fine detail turns to noise. OpenCV's `INTER_LINEAR` and its
    `blobFromImage`, and by default `tf.image.resize`, Keras's `Resizing` and
    PyTorch's `interpolate` do this with half-pixel centres: pixel `i` of `n`
    is at `(i + 0.5) / n`. Compared with OpenCV 5.0: at most one grey level of
    difference, of its fixed-point weights. MediaPipe, too, shrinks without
    antialiasing, but not to the same pixels; see `media_pipe`.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`, rounded to the nearest integer.

    Example:

    >>> linear(np.arange(16, dtype="uint8").reshape(4, 4, 1), 1)[0, 0, 0]
    np.uint8(8)
    """
    rows = interpolated(len(pixels), side)
    columns = interpolated(pixels.shape[1], side)
    return np.floor(blend(pixels, rows, columns) + 0.5).astype(np.uint8)


def interpolated(length, side):
    """Returns the two neighbours of each new pixel of an axis.

    Args:
        length: Pixels of the axis before.
        side: Pixels of the axis after.

    Returns:
        `(first, second, share)`: indices of the pixels before and after the
        centre, and the share of the second, arrays `(side,)`.
    """
    return neighbours((np.arange(side) + 0.5) * (length / side) - 0.5, length)


def neighbours(places, length):
    """Returns the two neighbours of each place on an axis.

    Args:
        places: Array of places in pixels, those of the centres being 0, 1, ...
        length: Pixels of the axis.

    Returns:
        `(first, second, share)`, see `interpolated`.
    """
    below = np.floor(places)
    first = below.astype(int)
    last = length - 1
    return np.clip(first, 0, last), np.clip(first + 1, 0, last), places - below


def blend(pixels, rows, columns):
    """Interpolates between four pixels.

    Args:
        pixels: uint8 array `(height, width, channels)`.
        rows: `(first, second, share)` of the height.
        columns: The same of the width.

    Returns:
        float64 array `(new height, new width, channels)`, not rounded.
    """
    top, bottom, down = rows
    left, right, across = columns
    across, down = across[:, None], down[:, None, None]
    lines = [
        pixels[row][:, left] * (1 - across) + pixels[row][:, right] * across
        for row in (top, bottom)
    ]
    return lines[0] * (1 - down) + lines[1] * down
