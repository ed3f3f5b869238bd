"""The pictures of a training, and those that its own are cut from."""

import dataclasses
import warnings

from kerasfg.data.cache import prepare
from kerasfg.training.build import load_pixels
from kerasfg.training.build import read_source


def load_training_pixels(recipe, verbose=True):
    """Reads and shrinks the pictures that a recipe names, to train on.

    Args:
        recipe: A `Recipe`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        A `kerasfg.data.cache.PixelCache` at the size of the network, with
        `training_images` where the recipe has them larger.

    Raises:
        ValueError: If the pictures change meanwhile.
    """
    data, seed = recipe.data, recipe.training.seed
    pixels = load_pixels(data, verbose, seed)
    side = recipe.training_side()
    if side == data.image_size:
        return pixels
    with warnings.catch_warnings():
        # What is skipped has just been named.
        warnings.filterwarnings("ignore", r"\d+ of \d+ pictures are skip")
        larger = prepare(
            read_source(data, seed), side, data.crop, progress=verbose
        )
    if larger.names != pixels.names:
        raise ValueError(
            "The pictures must not change while they are read: train again. "
            f"Received: {len(larger)} pictures at {side} pixels, {len(pixels)} "
            f"at {pixels.image_size}"
        )
    return dataclasses.replace(pixels, training_images=larger.images)
