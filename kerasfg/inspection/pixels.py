"""Decodes every picture of a source once, and goes on where `prepare` stops."""

import dataclasses
import warnings

import numpy as np

from kerasfg.data.pixels.cache import prepare


def prepare_all(source, image_size, crop="center", progress=True):
    """Shrinks every picture that can be decoded, even if others cannot.

    A training refuses a class without a single good picture, and, if it is
    strict, a picture that cannot be decoded. An inspection only names them.

    Args:
        source: `kerasfg.data.Source`.
        image_size: Side of the pictures in pixels.
        crop: See `kerasfg.data.prepare`. Defaults to `"center"`.
        progress: Whether to show progress. Defaults to `True`.

    Returns:
        `kerasfg.data.PixelCache`, whose `skipped` names the other pictures.

    Raises:
        ValueError: If no picture at all can be decoded.
    """
    # `prepare` checks each class for itself: here all are one.
    as_one = dataclasses.replace(
        source, labels=np.zeros(len(source), np.int32), strict=False
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\d+ of \d+ pictures are skip")
        try:
            pixels = prepare(as_one, image_size, crop, progress=progress)
        except ValueError as error:
            if "No picture of these classes" not in str(error):
                raise
            raise ValueError(
                "At least one picture must be readable. Received: "
                f"{len(source)} pictures, none of which can be decoded; "
                f"{str(error).partition(': ')[2].partition('. ')[2]}"
            ) from None
    labels = dict(zip(source.names, source.labels, strict=True))
    labels = np.array([labels[name] for name in pixels.names], np.int32)
    return dataclasses.replace(pixels, labels=labels)
