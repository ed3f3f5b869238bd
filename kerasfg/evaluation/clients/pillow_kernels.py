"""Pillow's kernels: training's own, and the others of `Image.resize`."""

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink


def as_trained(pixels, side):
    """Shrinks as training does, with Pillow's antialiased bicubic kernel.

    It is `kerasfg.data.shrink` of a picture that is cropped already.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return shrink(Image.fromarray(pixels), side, "whole")


def bilinear(pixels, side):
    """Shrinks by Pillow's `BILINEAR`, which is antialiased.

    Keras's `Resizing(antialias=True)` and TensorFlow's
    `image.resize(antialias=True)` do the same, to the rounding.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return _resize(pixels, side, Image.Resampling.BILINEAR)


def lanczos(pixels, side):
    """Shrinks by Pillow's `LANCZOS`; arguments as of `bilinear`."""
    return _resize(pixels, side, Image.Resampling.LANCZOS)


def box(pixels, side):
    """Shrinks by Pillow's `BOX`, a mean of whole pixels; see `bilinear`."""
    return _resize(pixels, side, Image.Resampling.BOX)


def nearest(pixels, side):
    """Takes the pixel under the centre of each new pixel.

    This is Pillow's `NEAREST`, and TensorFlow's `RESIZE_NEAREST_NEIGHBOR` and
    ONNX's `Resize` with half-pixel centres.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return _resize(pixels, side, Image.Resampling.NEAREST)


def _resize(pixels, side, kernel):
    return np.array(Image.fromarray(pixels).resize((side, side), kernel))
