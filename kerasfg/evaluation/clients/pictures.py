"""Test pictures as they are before they are shrunk."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kerasfg.data.pixels.low_resolution import crop_box

if TYPE_CHECKING:
    from kerasfg.data.pixels.cache import PixelCache

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
        pixel_counts: Array `(pictures,)` of the pixels of each, so that many
            small ones are read at once. Defaults to `None`: not known, so that
            one is read at a time.
    """

    read: Callable
    labels: np.ndarray
    crop: str = "center"
    crop_fraction: float = 1.0
    found: int | None = None
    pixel_counts: np.ndarray | None = None

    def __len__(self):
        return len(self.labels)

    def pixels(self, index):
        """Reads a picture as training cropped it, and with the other crop.

        Args:
            index: Index of the picture.

        Returns:
            Two uint8 arrays `(height, width, 3)`.
        """
        other = "whole" if self.crop == "center" else "center"
        image = self.read(index)
        return self._cropped(image, self.crop), self._cropped(image, other)

    def _cropped(self, image, crop):
        box = crop_box(*image.size, crop, self.crop_fraction)
        return np.asarray(image.crop(box))


def original_pictures(
    pixels: PixelCache, splits: npt.NDArray[np.str_], most: int = MAX_PICTURES
) -> OriginalPictures:
    """Finds the originals of test pictures.

    Args:
        pixels: `kerasfg.data.PixelCache`.
        splits: Array with `"test"` for each test picture of `pixels`.
        most: The largest number; more test pictures are thinned out evenly.
            Defaults to `1000`.

    Returns:
        `OriginalPictures`.

    Raises:
        ValueError: If only the low-resolution pixels are there.

    Example:

    ```python
    pictures = original_pictures(pixels, splits, most=200)
    square, whole = pictures.pixels(0)
    ```
    """
    read = pixels.read
    if read is None:
        raise ValueError(
            "Apps are simulated on the original pictures, and these are only "
            "pixels: read them with `kerasfg.data.prepare`. Received: "
            f"{len(pixels)} pictures of {pixels.image_size} pixels"
        )
    test = np.flatnonzero(splits == "test")
    some = np.linspace(0, len(test) - 1, min(len(test), most)).astype(int)
    names = [pixels.names[row] for row in test[some]]
    return OriginalPictures(
        lambda index: read(names[index]),
        pixels.labels[test[some]],
        pixels.crop,
        pixels.crop_fraction,
        len(test),
        pixels.picture_sizes[test[some]].prod(axis=1, dtype=np.int64),
    )
