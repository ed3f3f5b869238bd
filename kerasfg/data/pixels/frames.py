"""Frames: pictures cropped as for a network, at a larger size."""

import functools
import warnings

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.progress import in_threads


def read_frames(pixels, rows, frame_size, progress=True):
    """Reads pictures and crops them as for the network, at another size.

    An exported file takes them, and shrinks them inside.

    Args:
        pixels: `kerasfg.data.PixelCache`.
        rows: Rows of the pictures.
        frame_size: Side of the result in pixels.
        progress: Whether to show a progress bar where stderr is a terminal.
            Defaults to `True`.

    Returns:
        uint8 array `(rows, frame_size, frame_size, 3)`; that of `images` if
        this is its size or there are no originals, then enlarged.
    """
    images = pixels.images[rows]
    if frame_size == pixels.image_size:
        return np.asarray(images)
    if pixels.read is None:
        enlarge = (shrink(Image.fromarray(x), frame_size) for x in images)
        return np.stack(list(enlarge))
    read_one = functools.partial(_read_one, pixels, frame_size)
    names = [pixels.names[row] for row in rows]
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, and of sizes that were checked before.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        return np.stack(
            list(in_threads(read_one, names, "Reading pictures", progress))
        )


def _read_one(pixels, frame_size, name):
    return shrink(
        pixels.read(name), frame_size, pixels.crop, pixels.crop_fraction
    )
