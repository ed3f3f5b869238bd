"""Chooses and checks the side of the frame that an exported file takes."""

import numbers

import numpy as np

USUAL = 256  # pixels; larger frames cost time and gain nothing measurable
MOST = 1024
_MOST_TIMES = 100  # the network's side; beyond, sums are not exact


def choose_frame_size(image_size, sides=None):
    """Chooses the side of a frame from the pictures that trained the network.

    It is a whole multiple of the network's side, at most 256 pixels, and no
    larger than the median picture. If the pictures are not larger than what
    the network takes, it is the network's side, and nothing is left to shrink.

    Args:
        image_size: Side of the network's input in pixels.
        sides: Shorter side of each training picture, in pixels, after the
            crop. Defaults to `None`: they are not known.

    Returns:
        Side of the frame, in pixels.

    Example:

    >>> choose_frame_size(32), choose_frame_size(48, [500, 500, 60])
    (256, 240)
    >>> choose_frame_size(32, [32] * 9), choose_frame_size(224, [500] * 9)
    (32, 224)
    """
    side = USUAL
    if sides is not None and len(sides):
        side = min(side, int(np.median(sides)))
    return max(side // image_size, 1) * image_size


def check_frame_size(frame_size, image_size):
    """Raises `ValueError` unless frames of this side can be shrunk exactly.

    Args:
        frame_size: Side of the frame in pixels.
        image_size: Side of the network's input in pixels.
    """
    most = max(min(MOST, _MOST_TIMES * image_size), image_size)
    is_whole = isinstance(frame_size, numbers.Integral)
    if not is_whole or not image_size <= frame_size <= most:
        raise ValueError(
            "`frame_size` must be a whole number of pixels, from the "
            f"network's {image_size} to {most}. "
            f"Received: frame_size={frame_size!r}"
        )
