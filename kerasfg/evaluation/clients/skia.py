"""Skia, which draws for Chromium and for Android."""

import numpy as np

from kerasfg.evaluation.clients.linear import blend
from kerasfg.evaluation.clients.linear import neighbours

_FIXED = 1 << 16  # of Skia's fixed-point numbers
_STEPS = 16  # between two pixels


def draw_linear(pixels, side):
    """Interpolates as Skia's `SkFilterMode::kLinear` without mipmaps.

    The same four pixels as `linear` takes, but the place of a new pixel is cut
    to a sixteenth of a pixel, and the result to an integer: up to a sixteenth
    of the difference of two neighbours.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    rows, columns = (_taps(length, side) for length in pixels.shape[:2])
    return np.floor(blend(pixels, rows, columns)).astype(np.uint8)


def halve(pixels):
    """Halves a picture as Skia makes a mipmap.

    A side that is odd takes three pixels with the weights 1, 2, 1.

    Args:
        pixels: uint8 array `(height, width, 3)`.

    Returns:
        uint8 array `(height // 2, width // 2, 3)`; sides of 1 stay.
    """
    sums, shift = pixels, 0
    for axis in (0, 1):
        sums, bits = _add_pairs(sums, axis)
        shift += bits
    return (sums >> shift).astype(np.uint8)


def _taps(length, side):
    # The scale is inverted in 32 bits, so that 224 / 32 is a little below 7.
    one = np.float32(1)
    scale = one / (np.float32(side) / np.float32(length))
    start = np.floor(float(scale * np.float32(0.5) - np.float32(0.5)) * _FIXED)
    step = np.floor(float(scale) * _FIXED)
    places = (start + np.arange(side) * step) / _FIXED
    first, second, share = neighbours(places, length)
    return first, second, np.floor(share * _STEPS) / _STEPS


def _add_pairs(sums, axis):
    length = sums.shape[axis]
    if length == 1:
        return sums, 0
    first, second, third = (
        np.moveaxis(np.moveaxis(sums, axis, 0)[i:length:2], 0, axis)
        for i in range(3)
    )
    # 16 bits hold sixteen times 255, the largest sum.
    if length % 2 == 0:
        return np.add(first, second, dtype=np.uint16), 1
    first = np.moveaxis(np.moveaxis(first, axis, 0)[:-1], 0, axis)
    added = np.add(first, second, dtype=np.uint16)
    added += second
    added += third
    return added, 2
