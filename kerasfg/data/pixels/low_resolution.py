"""The one down-sampler: Pillow's bicubic filter, and the same in plain NumPy.

export/phone/kerasfg/low_resolution.js is a third copy, for the phone page, so
every rule is stated in integers. A picture of `width` x `height` pixels is
cropped to the square

```python
side = min(width, height)
left, top = (width - side) // 2, (height - side) // 2
```

(or not at all) and resized to N x N with Pillow's antialiased `BICUBIC`. If
`width - side` or `height - side` is odd, the square is half a pixel left of or
above the centre. With a `crop_fraction` below 1, each side is
`floor(side * crop_fraction + 0.5)` instead, at least 1. Product and sum are
computed in float64, which gives the same result in every language.
"""

from __future__ import annotations

import math
import numbers
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

CROPS = ("center", "whole")

# Coefficients are fixed-point numbers with this many bits after the point.
PRECISION_BITS = 22


def shrink(
    image: Image.Image,
    image_size: int,
    crop: Literal["center", "whole"] = "center",
    crop_fraction: float = 1.0,
) -> npt.NDArray[np.uint8]:
    """Shrinks (or enlarges) a picture to the input size of the network.

    Args:
        image: RGB `PIL.Image.Image`.
        image_size: Side of the result in pixels.
        crop: `"center"` cuts out the largest centre square (see `crop_box`),
            `"whole"` resizes the whole picture without keeping its
            proportions. Defaults to `"center"`.
        crop_fraction: Share of the square's (or the picture's) sides to keep,
            around the middle, above 0 and at most 1. Defaults to `1.0`.

    Returns:
        uint8 array of shape `(image_size, image_size, 3)`.

    Raises:
        ValueError: If `image` is not RGB or an argument is out of range.

    Example:

    >>> shrink(Image.new("RGB", (40, 30), "red"), 2)[0, 0].tolist()
    [255, 0, 0]
    """
    check_size(image_size, crop, crop_fraction)
    if image.mode != "RGB":
        raise ValueError(
            "Argument `image` must be an RGB picture. "
            f"Received: image.mode={image.mode}"
        )
    box = crop_box(*image.size, crop, crop_fraction)
    if box != (0, 0, *image.size):
        # The `box` argument of `resize` would mix in pixels outside the box.
        image = image.crop(box)
    size = (image_size, image_size)
    return np.array(image.resize(size, Image.Resampling.BICUBIC))


def check_size(image_size, crop, crop_fraction=1.0):
    """Raises `ValueError` if `shrink` does not accept these arguments."""
    if not isinstance(image_size, numbers.Integral) or image_size < 1:
        raise ValueError(
            "Argument `image_size` must be a positive integer. "
            f"Received: image_size={image_size}"
        )
    if crop not in CROPS:
        raise ValueError(
            f"Argument `crop` must be one of {CROPS}. Received: crop={crop}"
        )
    is_number = isinstance(crop_fraction, numbers.Real)
    if not is_number or crop_fraction is True or not 0 < crop_fraction <= 1:
        raise ValueError(
            "Argument `crop_fraction` must be a number above 0 and at most 1. "
            f"Received: crop_fraction={crop_fraction}"
        )


def crop_box(width, height, crop="center", crop_fraction=1.0):
    """Computes the box that `shrink` cuts out of a picture.

    Args:
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        crop: `"center"` or `"whole"`. Defaults to `"center"`.
        crop_fraction: Share of the sides to keep. Defaults to `1.0`.

    Returns:
        `(left, top, right, bottom)` in pixels.

    Example:

    >>> crop_box(7, 4)
    (1, 0, 5, 4)
    >>> crop_box(90, 60, "whole", 0.75)
    (11, 7, 79, 52)
    """
    side = min(width, height)
    sides = (side, side) if crop == "center" else (width, height)
    across, down = (
        max(1, math.floor(length * crop_fraction + 0.5)) for length in sides
    )
    left, top = (width - across) // 2, (height - down) // 2
    return (left, top, left + across, top + down)


def resample(
    pixels: npt.NDArray[np.uint8], height: int, width: int
) -> npt.NDArray[np.uint8]:
    """Resizes with exactly the results of Pillow's `BICUBIC`.

    Each axis is resized in turn. A new pixel is

    ```python
    clip((2 ** 21 + sum(pixel * coefficient)) >> 22, 0, 255)
    ```

    with the integers of `coefficients`. The width is resized first, unless the
    height loses more than twice as many pixels as the width. This is Pillow
    13's rule, which never applies to a square. The order matters because each
    pass rounds its results.

    Args:
        pixels: uint8 array of shape `(height, width, channels)`.
        height: Rows of the result.
        width: Columns of the result.

    Returns:
        uint8 array of shape `(height, width, channels)`.

    Raises:
        ValueError: If `pixels` has another dtype or shape, or a size is not
            positive.

    Example:

    >>> resample(np.full((5, 4, 3), 9, "uint8"), 2, 3).shape
    (2, 3, 3)
    """
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or 0 in pixels.shape:
        raise ValueError(
            "Argument `pixels` must be a uint8 array of shape "
            "`(height, width, channels)`, not empty. "
            f"Received: dtype={pixels.dtype}, shape={pixels.shape}"
        )
    if height < 1 or width < 1:
        raise ValueError(
            "Arguments `height` and `width` must be positive. "
            f"Received: height={height}, width={width}"
        )
    lost_height, lost_width = len(pixels) - height, pixels.shape[1] - width
    if lost_height > max(0, 2 * lost_width):
        return _resample_width(_resample_height(pixels, height), width)
    return _resample_height(_resample_width(pixels, width), height)


def coefficients(in_size, out_size):
    """Computes the bicubic weights of one axis in fixed point.

    Args:
        in_size: Length of the axis before resizing.
        out_size: Length of the axis after resizing.

    Returns:
        Tuple of the first input position of each output, an int array
        `(out_size,)`, and the weights of the inputs from that position on, an
        int array `(out_size, taps)` padded with zeros. The weights of an
        output sum to about `2 ** 22`.

    Example:

    >>> first, weights = coefficients(4, 2)
    >>> first.tolist(), weights[0].tolist()
    ([0, 0], [1923834, 1923834, 502623, -155987])
    """
    scale = in_size / out_size
    stretch = max(scale, 1.0)  # the filter is widened only for shrinking
    support = 2.0 * stretch
    center = (np.arange(out_size) + 0.5) * scale
    # `astype` truncates towards zero, like a cast in C.
    first = np.maximum((center - support + 0.5).astype(int), 0)
    last = np.minimum((center + support + 0.5).astype(int), in_size)
    taps = np.arange((last - first).max())
    offsets = (taps + first[:, None] - center[:, None] + 0.5) * (1.0 / stretch)
    weights = np.where(taps < (last - first)[:, None], _bicubic(offsets), 0.0)
    # `cumsum` adds in the order of Pillow's C loop; `sum` adds pairwise.
    weights = weights / np.cumsum(weights, axis=1)[:, -1:]
    scaled = weights * (1 << PRECISION_BITS)
    return first, np.where(scaled < 0, scaled - 0.5, scaled + 0.5).astype(int)


def _bicubic(x, a=-0.5):
    x = np.abs(x)
    near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))


def _resample_width(pixels, width):
    turned = _resample_height(pixels.transpose(1, 0, 2), width)
    return turned.transpose(1, 0, 2)


def _resample_height(pixels, height):
    in_height, width, channels = pixels.shape
    if height == in_height:
        return pixels  # Pillow skips an axis that keeps its length
    first, weights = coefficients(in_height, height)
    matrix = np.zeros((height, in_height))
    for row, start, values in zip(matrix, first, weights, strict=True):
        row[start : start + len(values)] = values[: in_height - start]
    # Exact, since the integers are below 2 ** 53, and faster than int64.
    sums = (matrix @ pixels.reshape(in_height, -1)).astype(np.int64)
    values = (sums + (1 << (PRECISION_BITS - 1))) >> PRECISION_BITS
    values = np.clip(values, 0, 255).astype(np.uint8)
    return values.reshape(height, width, channels)
