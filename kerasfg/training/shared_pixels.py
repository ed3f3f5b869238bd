"""The pictures of a training that several processes share."""

import hashlib
import json

from kerasfg.training.training_pixels import load_training_pixels


def load_shared_pixels(recipe, processes, verbose=True):
    """Reads and shrinks the pictures, first in the leading process.

    Processes of one machine find what it left in the cache; those of others
    do the work for themselves.

    Args:
        recipe: A `Recipe`.
        processes: The `Processes`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        A `kerasfg.data.cache.PixelCache`.

    Raises:
        ValueError: If this process has other pictures than the leading one.
    """
    pixels = load_training_pixels(recipe, verbose) if processes.leads else None
    processes.wait("pixels")
    if pixels is None:
        pixels = load_training_pixels(recipe, verbose)
    processes.wait("all pixels")
    mine = _digest(pixels)
    if processes.share(mine) != mine:
        raise ValueError(
            "All processes must train on the same pictures, with the same "
            f"names and pixels. Received: data={recipe.data.data!r}, with "
            f"other ones in process {processes.index} than in process 0"
        )
    return pixels


def _digest(pixels):
    facts = [pixels.names, pixels.class_names, pixels.labels.tolist()]
    digest = hashlib.blake2b(json.dumps(facts).encode(), digest_size=16)
    digest.update(pixels.images[:64].tobytes())
    if pixels.training_images is not None:
        digest.update(pixels.training_images[:64].tobytes())
    return digest.digest()
