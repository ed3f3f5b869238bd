"""How good a classifier is on pictures taken from farther away."""

from __future__ import annotations

import functools
import numbers
import warnings
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.data.pixels.low_resolution import resample
from kerasfg.data.progress import in_threads
from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.status import status

if TYPE_CHECKING:
    import keras

    from kerasfg.data.pixels.cache import PixelCache

MOST_PIXELS = 1024


def resolution_curve(
    model: keras.Model,
    pixels: PixelCache,
    splits: npt.NDArray[np.str_],
    pixels_at: Callable[[int], PixelCache],
    resolutions: Iterable[int],
    verbose: bool = True,
) -> list[dict[str, Any]]:
    """Measures the accuracy on test pictures against their resolution.

    Each picture is shrunk from the original to the lower resolution and then
    enlarged to what the model takes, both with the one down-sampler: it holds
    no more than if it had been taken from farther away. A resolution above the
    model's own comes down to it in two steps, which is a little softer than the
    one step that the model was trained with. At the model's own resolution
    nothing is resized again, and the accuracy is that of the test.

    Args:
        model: `keras.Model` from pixels 0 to 255 to class probabilities.
        pixels: `kerasfg.data.PixelCache` at the model's own resolution.
        splits: Array with `"train"`, `"val"`, `"test"` or `""` for each
            picture.
        pixels_at: Function from a resolution to a `PixelCache` of the same
            pictures.
        resolutions: Sides in pixels, integers from 1 to 1024. Each counts once,
            and the smallest comes first.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        List of dicts that are strict JSON: `resolution`, `n`, `top_1` and
        `top_1_interval` (Wilson, 95 %).

    Raises:
        ValueError: If a resolution is not allowed, or the pictures are no
            longer the same.
    """
    from kerasfg.data.batches.pipeline import (
        evaluation_batches,  # needs TensorFlow
    )

    test = np.flatnonzero(splits == "test")
    rows = []
    for resolution in check_resolutions(resolutions):
        with warnings.catch_warnings():
            # Skipped pictures were named when `pixels` were prepared.
            warnings.filterwarnings("ignore", r"\d+ of \d+ pictures are skip")
            small = pixels_at(resolution)
        if small.names != pixels.names:
            raise ValueError(
                "The pictures must not change while they are evaluated: run it "
                f"again. Received: {len(small)} pictures at {resolution} "
                f"pixels, {len(pixels)} at {pixels.image_size}"
            )
        images = _enlarge(small.images[test], pixels.image_size, verbose)
        with status(f"Testing at {resolution} pixels", verbose):
            predicted = model.predict(
                evaluation_batches(images),
                verbose=0,  # pyright: ignore[reportArgumentType]
            )
        right = predicted.argmax(axis=1) == pixels.labels[test]
        rows.append(_row(resolution, int(right.sum()), len(test)))
    return rows


def check_resolutions(resolutions):
    """Checks resolutions, and brings them into order.

    Args:
        resolutions: Integers.

    Returns:
        List of them, each once, the smallest first.

    Raises:
        ValueError: If there is none, or one is not from 1 to 1024.

    Example:

    >>> check_resolutions([64, 16, 64])
    [16, 64]
    """
    resolutions = list(resolutions)
    good = [
        isinstance(size, numbers.Integral) and 1 <= size <= MOST_PIXELS
        for size in resolutions
    ]
    if not good or not all(good):
        raise ValueError(
            "The resolutions must be whole numbers of pixels, from 1 to "
            f"{MOST_PIXELS}, at least one. "
            f"Received: resolutions={resolutions}"
        )
    return sorted(set(map(int, resolutions)))


def _enlarge(images, image_size, verbose):
    one = functools.partial(resample, height=image_size, width=image_size)
    found = in_threads(one, images, "Resizing pictures", verbose)
    return np.stack(list(found))


def _row(resolution, right, n):
    return {
        "resolution": resolution,
        "n": n,
        "top_1": right / n,
        "top_1_interval": list(wilson_interval(right, n)),
    }
