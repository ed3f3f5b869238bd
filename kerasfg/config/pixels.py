"""The pictures that a recipe names, at low resolution."""

import contextlib
import dataclasses
import hashlib
import json
import warnings

from kerasfg.cache_folder import cache_folder
from kerasfg.config.names import arguments_named
from kerasfg.config.places import check_place_names
from kerasfg.data.decisions import with_decisions
from kerasfg.data.pixels.cache import prepare
from kerasfg.data.sources.listing import check_classes
from kerasfg.data.sources.place import read_place
from kerasfg.data.sources.published.catalog import read_published
from kerasfg.data.sources.published.catalog import split_place
from kerasfg.data.sources.several import join_sources
from kerasfg.data.sources.some_classes import some_classes
from kerasfg.notice import Notice
from kerasfg.write_errors import naming


def load_shared_pixels(recipe, processes, verbose=True):
    """Reads and shrinks the pictures, first in the leading process.

    The other processes of its machine read its result from the cache; those of
    other machines repeat the work.

    Args:
        recipe: A `Recipe`.
        processes: The `Processes`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        A `kerasfg.data.PixelCache`.

    Raises:
        ValueError: If this process has other pictures than the leading one.
    """
    pixels = (
        load_training_pixels(recipe, verbose) if processes.is_leader else None
    )
    processes.wait("pixels")
    if pixels is None:
        pixels = load_training_pixels(recipe, verbose)
    processes.wait("all pixels")
    mine = _digest(pixels)
    if processes.share(mine) != mine:
        raise ValueError(
            "All processes must train on the same pictures, with the same "
            f"names and pixels. Received: data={recipe.data.path!r}, with "
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


def load_training_pixels(recipe, verbose=True):
    """Reads and shrinks the pictures that a recipe names, to train on.

    Args:
        recipe: A `Recipe`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        A `kerasfg.data.PixelCache` at the size of the network, with
        `training_images` if those of the recipe are larger.

    Raises:
        ValueError: If the pictures change meanwhile.
    """
    data, seed = recipe.data, recipe.training.seed
    pixels = load_pixels(data, verbose, seed)
    side = recipe.training_side()
    if side == data.image_size:
        return pixels
    with quietly():
        source = read_source(data, seed)
        with naming(cache_folder()):
            larger = prepare(source, side, data.crop, progress=verbose)
    if larger.names != pixels.names:
        raise ValueError(
            "The pictures must not change while they are read: train again. "
            f"Received: {len(larger)} pictures at {side} pixels, {len(pixels)} "
            f"at {pixels.image_size}"
        )
    return dataclasses.replace(pixels, training_images=larger.images)


@contextlib.contextmanager
def quietly():
    """Inside, pictures are read without what `load_pixels` has warned of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\d+ of \d+ pictures are skip")
        warnings.filterwarnings("ignore", "Left out of ")
        warnings.filterwarnings("ignore", r"\d+ boxes of ")
        warnings.filterwarnings("ignore", "Pictures with a new_label")
        warnings.simplefilter("ignore", Notice)
        yield


def load_pixels(recipe, verbose=True, seed=0, image_size=None):
    """Reads and shrinks the pictures that a recipe names.

    Args:
        recipe: The `Data` section of a recipe.
        verbose: Whether to show progress. Defaults to `True`.
        seed: Seed of the training, which decides what `classes` are drawn.
            Defaults to `0`.
        image_size: Pixels in place of the recipe's. Defaults to `None`.

    Returns:
        A `kerasfg.data.PixelCache`.

    Raises:
        ValueError: If there are no pictures, or fewer classes than wanted.
    """
    source = read_source(recipe, seed)
    with naming(cache_folder()):
        return prepare(
            source,
            image_size or recipe.image_size,
            recipe.crop,
            progress=verbose,
            crop_fraction=recipe.crop_fraction,
        )


def read_source(recipe, seed=0):
    """Finds the pictures that a recipe names.

    Args:
        recipe: The `Data` section of a recipe.
        seed: See `load_pixels`. Defaults to `0`.

    Returns:
        A `kerasfg.data.Source`.

    Raises:
        ValueError: See `load_pixels`.
    """
    check_place_names(recipe)
    with arguments_named(directory="data", name="data"):
        sources = [_source(recipe, place) for place in recipe.places]
        source = join_sources(sources, recipe.places)
        shown = recipe.path if len(sources) == 1 else list(recipe.places)
        check_classes(source.class_names, f"Received: data={shown!r}")
        source = with_decisions(source, recipe.leave_out)
    if recipe.classes:
        return some_classes(source, recipe.classes, seed)
    return source


def _source(recipe, place):
    published = split_place(place)
    if published:
        margin = recipe.box_margin or 0.0
        source = read_published(*published, recipe.boxes, margin)
        return dataclasses.replace(source, strict=recipe.strict)
    if place == "field_guide":
        from kerasfg.data.field_guide.field_guide import field_guide

        return field_guide(recipe.images_per_class)
    if place.startswith("tfds:"):
        from kerasfg.data.sources.tfds import from_tfds

        return from_tfds(place.removeprefix("tfds:"))
    return read_place(
        place, recipe.strict, recipe.class_level, recipe.box_margin
    )
