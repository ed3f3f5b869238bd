"""Test pictures as they are before they are shrunk."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np

from kerasfg.data.pixels.low_resolution import crop_box

MAX_PICTURES = 1000


@dataclasses.dataclass(frozen=True, eq=False)
class OriginalPictures:
    """Labelled pictures at their own size.

    Attributes:
        read: Function from an index to an upright RGB `PIL.Image.Image`, which
            may be called from several threads at once.
        labels: int array `(pictures,)`.
        crop: `"center"` or `"whole"`, what training took of a picture.
        crop_fraction: Share of the sides that it kept. Defaults to `1.0`.
        found: Number of pictures that these were chosen from. Defaults to
            `None`: these are all.
    """

    read: Callable
    labels: np.ndarray
    crop: Literal["center", "whole"] = "center"
    crop_fraction: float = 1.0
    found: int | None = None

    def __len__(self):
        return len(self.labels)

    def pixels(self, index):
        """Reads a picture as training cropped it, and with the other crop.

        Args:
            index: Index of the picture.

        Returns:
            Two uint8 arrays `(height, width, 3)`.
        """
        image = self.read(index)
        other = "whole" if self.crop == "center" else "center"
        return tuple(
            np.asarray(
                image.crop(crop_box(*image.size, crop, self.crop_fraction))
            )
            for crop in (self.crop, other)
        )


def original_pictures(
    source, pixels, splits, most=MAX_PICTURES
) -> OriginalPictures:
    """Finds the test pictures of a split in their source.

    Args:
        source: `kerasfg.data.Source`.
        pixels: `PixelCache` of the source, perhaps with the classes in another
            order.
        splits: Array with `"test"` for each test picture of `pixels`.
        most: More test pictures are thinned out evenly to so many. Defaults to
            `1000`.

    Returns:
        `OriginalPictures`.

    Raises:
        ValueError: If a picture is no longer in the source.

    Example:

    ```python
    pictures = original_pictures(source, pixels, splits)
    square, whole = pictures.pixels(0)
    ```
    """
    test = np.flatnonzero(splits == "test")
    some = np.linspace(0, len(test) - 1, min(len(test), most)).astype(int)
    places = {name: place for place, name in enumerate(source.names)}
    names = [pixels.names[row] for row in test[some]]
    missing = [name for name in names if name not in places]
    if missing:
        raise ValueError(
            "The pictures must not change while they are evaluated: run it "
            f"again. Received: {len(missing)} missing, such as {missing[0]!r}"
        )
    return OriginalPictures(
        lambda index: source.read(places[names[index]]),
        pixels.labels[test[some]],
        pixels.crop,
        pixels.crop_fraction,
        len(test),
    )
