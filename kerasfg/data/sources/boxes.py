"""Boxes around the subject of a picture, cut out before shrinking."""

import math
from typing import NamedTuple

# Share of a box's sides that is added on each side of it.
MARGIN = 0.1


class Box(NamedTuple):
    """A box in a picture that is turned upright, as people see it.

    Attributes:
        left, top, right, bottom: In pixels, or in shares of the picture.
        shares: Whether they are shares. Defaults to `False`.
    """

    left: float
    top: float
    right: float
    bottom: float
    shares: bool = False


def extends_beyond(box, size):
    """Returns whether a box extends beyond its picture by more than a little.

    That is three pixels and a hundredth of the picture's side.

    Args:
        box: `Box`.
        size: Width and height of the picture.

    Example:

    >>> extends_beyond(Box(-2, 0, 41, 9), (40, 30))
    False
    >>> extends_beyond(Box(0, 0, 9000, 9000), (40, 30))
    True
    """
    sides = (1, 1) if box.shares else size
    across, down = (
        side / 100 + 3 * side / pixels
        for side, pixels in zip(sides, size, strict=True)
    )
    return (
        min(box.left + across, box.top + down) < 0
        or box.right > sides[0] + across
        or box.bottom > sides[1] + down
    )


def cut_box(image, box, margin=0.0):
    """Cuts a box with a margin out of a picture.

    Args:
        image: `PIL.Image.Image`.
        box: `Box`, or `(left, top, right, bottom)` in pixels. Its part outside
            of the picture is dropped.
        margin: Share of the box's width that is added at its left and right,
            and of its height at its top and bottom. Defaults to `0.0`.

    Returns:
        `PIL.Image.Image` of whole pixels that hold the box.

    Raises:
        ValueError: If all of the box is outside of the picture.

    Example:

    >>> from PIL import Image
    >>> cut_box(Image.new("L", (40, 30)), (10, 10, 20, 20), 0.1).size
    (12, 12)
    """
    left, top, right, bottom = box[:4]
    if not all(map(math.isfinite, box[:4])):
        raise ValueError(f"its box {tuple(box[:4])} is not a box")
    if len(box) > 4 and box[4]:
        left, right = left * image.width, right * image.width
        top, bottom = top * image.height, bottom * image.height
    inside = left < image.width and top < image.height
    if not inside or right <= 0 or bottom <= 0:
        raise ValueError(f"its box {tuple(box[:4])} is outside the picture")
    across, down = margin * (right - left), margin * (bottom - top)
    left = math.floor(max(0, left - across))
    top = math.floor(max(0, top - down))
    right = math.ceil(min(image.width, right + across))
    bottom = math.ceil(min(image.height, bottom + down))
    if left >= right or top >= bottom:
        raise ValueError(f"its box {tuple(box[:4])} is outside the picture")
    return image.crop((left, top, right, bottom))
