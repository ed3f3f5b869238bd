"""Mistakes of apps, apart from their way of shrinking."""

import io

import numpy as np
from PIL import Image

from kerasfg.evaluation.clients.pillow_kernels import as_trained

QUALITY = 50


def turned(pixels):
    """Leaves out the rotation that EXIF asks for.

    A phone that is held upright stores its picture lying on its left side, and
    writes "turn it right" (orientation 6) in its EXIF data. Pillow's
    `Image.open`, a camera's frames and many decoders leave it lying.

    Args:
        pixels: uint8 array `(side, side, 3)`, upright.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return np.ascontiguousarray(np.rot90(pixels))


def blue_green_red(pixels):
    """Gives blue, green, red for red, green, blue, as OpenCV's `imread`.

    Args:
        pixels: uint8 array `(side, side, 3)` of red, green and blue.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return np.ascontiguousarray(pixels[..., ::-1])


def compressed(pixels, side):
    """Compresses a picture to a JPEG of quality 50, then shrinks as training.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "jpeg", quality=QUALITY)
    with Image.open(file) as image:
        return as_trained(np.array(image.convert("RGB")), side)
