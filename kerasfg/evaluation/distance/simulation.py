"""Tests a model on pictures that are shrunk as a camera does from far away."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from PIL import Image

from kerasfg.data.pixels.low_resolution import crop_box
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.progress import in_threads
from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.status import status


def simulate_distances(
    model: keras.Model,
    read: Callable[[str], Image.Image],
    names: Sequence[str],
    labels: npt.NDArray,
    sides: Sequence[int],
    crop: str = "center",
    crop_fraction: float = 1.0,
    verbose: bool = True,
) -> dict[int, dict[str, Any]]:
    """Measures the accuracy on original pictures shrunk to numbers of pixels.

    The square that the model would get is cut out of each original and shrunk
    to a number of pixels by the mean over areas, as the sensor of a camera
    does. Then it takes the usual path to the input of the model.

    Args:
        model: `keras.Model` from pixels 0 to 255 to class probabilities.
        read: Function from the name of a picture to the decoded picture.
        names: Names of the pictures.
        labels: Class of each, integers.
        sides: Numbers of pixels from side to side, integers from 1.
        crop: See `kerasfg.data.shrink`. Defaults to `"center"`.
        crop_fraction: See `kerasfg.data.shrink`. Defaults to `1.0`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        Dictionary from a side to a dict: `n`, `top_1`, `top_1_interval`
        (Wilson, 95 %) and `too_small`, the share of originals that have fewer
        pixels than that, and are used unchanged.
    """
    from kerasfg.data.batches.pipeline import (
        evaluation_batches,  # needs TensorFlow
    )

    image_size = model.input_shape[1]

    def one(name):
        picture = read(name)
        picture = picture.crop(crop_box(*picture.size, crop, crop_fraction))
        found = [far_away(picture, side) for side in sides]
        # Pictures larger than the input are not kept.
        return min(picture.size), [
            pixels
            if len(pixels) <= image_size
            else shrink(Image.fromarray(pixels), image_size, "whole")
            for pixels in found
        ]

    made = list(in_threads(one, names, "Shrinking originals", verbose))
    shortest = np.array([size for size, _ in made])
    result = {}
    for place, side in enumerate(sides):
        images = np.stack(
            [
                shrink(Image.fromarray(pixels[place]), image_size, "whole")
                for _, pixels in made
            ]
        )
        with status(f"Testing with {side} pixels on the subject", verbose):
            predicted = model.predict(
                evaluation_batches(images),
                verbose=0,  # pyright: ignore[reportArgumentType]
            )
        right = int((predicted.argmax(axis=1) == labels).sum())
        result[side] = {
            "n": len(labels),
            "top_1": right / len(labels),
            "top_1_interval": list(wilson_interval(right, len(labels))),
            "too_small": float((shortest < side).mean()),
        }
    return result


def far_away(picture, side):
    """Shrinks a picture to a square by the mean over areas.

    Args:
        picture: RGB `PIL.Image.Image` of what the model would get.
        side: Side of the square in pixels. An axis that has fewer stays as it
            is.

    Returns:
        uint8 array of at most `(side, side, 3)`.

    Example:

    >>> far_away(Image.new("RGB", (40, 40), "red"), 2)[0, 0].tolist()
    [255, 0, 0]
    """
    size = (min(side, picture.width), min(side, picture.height))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))
