"""Caches low-resolution pixels on disk, so pictures are decoded only once."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import warnings
from collections.abc import Callable
from typing import Literal

import numpy as np
import PIL
from PIL import Image

from kerasfg.cache_folder import cache_folder
from kerasfg.data.pixels import capture
from kerasfg.data.pixels.low_resolution import check_size
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.pixels.perceptual_hash import thumbnail
from kerasfg.data.pixels.pixel_files import FORMAT
from kerasfg.data.pixels.pixel_files import Shrunk
from kerasfg.data.pixels.pixel_files import open_pixels
from kerasfg.data.pixels.pixel_files import write_pixels
from kerasfg.data.progress import spread
from kerasfg.data.sources.source import Source


@dataclasses.dataclass(frozen=True, eq=False)
class PixelCache:
    """The decodable pictures of a source at low resolution.

    Attributes:
        images: Read-only memory-mapped uint8 array
            `(pictures, image_size, image_size, 3)`.
        labels: int32 array `(pictures,)`.
        names: Name of each picture, as in the source.
        class_names: Names of the classes.
        splits: Split of each picture in the source, or `None`.
        groups: Group of each picture in the source, or `None`.
        attributes: Attributes of the pictures in the source.
        skipped: Pairs of the name of a skipped picture and the reason.
        picture_sizes: int32 array `(pictures, 2)` of the width and height of
            each picture as it was decoded.
        thumbnails: Read-only memory-mapped uint8 array `(pictures, 32, 32)`,
            each whole picture in grey, for any `image_size` and `crop`.
        hashes: uint64 array `(pictures,)`, the perceptual hash of each
            thumbnail, see `kerasfg.data.pixels.perceptual_hash`.
        digests: Digest of each picture's file, as in the source.
        captured: Text `"camera|time"` of each picture from its EXIF data, `""`
            where there are none; see `kerasfg.data.pixels.capture`.
        columns: Further columns of the source: by name, a text per picture.
        left_out: Pairs of the path of a file that the source left out, and
            why.
        image_size: Side of a picture in pixels.
        crop: `"center"` or `"whole"`, see `kerasfg.data.shrink`.
        from_cache: Whether the pixels were read from an existing cache.
        crop_fraction: Share of the sides that was kept, see
            `kerasfg.data.shrink`.
        training_images: Array like `images` of the same pictures, for
            training: at a larger size or with a wider crop. `None` if
            `images` are used for training.
        read: Function from the name of a picture to the decoded picture, as
            `Source.read`. `None` if only the pixels are there.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    class_names: tuple[str, ...]
    splits: np.ndarray | None
    groups: np.ndarray | None
    attributes: dict[str, tuple[tuple[str, ...], np.ndarray]]
    skipped: tuple[tuple[str, str], ...]
    picture_sizes: np.ndarray
    thumbnails: np.ndarray
    hashes: np.ndarray
    digests: tuple[str, ...]
    captured: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    left_out: tuple[tuple[str, str], ...]
    image_size: int
    crop: str
    from_cache: bool
    crop_fraction: float = 1.0
    training_images: np.ndarray | None = None
    read: Callable[[str], Image.Image] | None = None

    def __len__(self):
        return len(self.names)


def prepare(
    source: Source,
    image_size: int,
    crop: Literal["center", "whole"] = "center",
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool = True,
    crop_fraction: float = 1.0,
) -> PixelCache:
    """Decodes and shrinks every picture of a source, or reads the cache.

    The pixels are stored in `<cache_dir>/pixels` under a key computed from the
    contents and names of the pictures, the size and the crop. A damaged cache
    is detected and made again.

    Args:
        source: `kerasfg.data.Source`.
        image_size: Side of the result in pixels.
        crop: `"center"` or `"whole"`, see `kerasfg.data.shrink`. Defaults to
            `"center"`.
        cache_dir: Folder for the cache. Defaults to `None`: the environment
            variable `KERASFG_CACHE`, or else the cache folder of the user.
        progress: Whether to show a progress bar where stderr is a terminal.
            Defaults to `True`.
        crop_fraction: Share of the sides to keep, see `kerasfg.data.shrink`.
            Defaults to `1.0`.

    Returns:
        `PixelCache`. One warning names the pictures that cannot be decoded.

    Raises:
        ValueError: If no picture of a class can be decoded, or if
            `source.strict` is set and any picture cannot be decoded.
        OSError: If the cache folder cannot be written.
    """
    check_size(image_size, crop, crop_fraction)
    how = {"crop": crop, "crop_fraction": float(crop_fraction)}
    folders = cache_folder(cache_dir) / "pixels"
    folder = folders / _key(source, image_size, **how)
    cached = open_pixels(folder, source.names, image_size)
    from_cache = cached is not None
    if not from_cache:
        results = _shrink_all(source, image_size, how, progress)
        with contextlib.closing(results):
            cached = write_pixels(folder, source.names, image_size, results)
    _check_skipped(source, cached.skipped)
    if cached.skipped:
        warnings.warn(_list_skipped(source, cached.skipped), stacklevel=2)
    facts = {"image_size": int(image_size), "from_cache": from_cache, **how}
    return _select(source, cached, facts)


def _key(source, image_size, crop, crop_fraction):
    """Returns a digest of everything that the pixels depend on."""
    facts = [FORMAT, PIL.__version__, int(image_size), crop]
    facts += [list(source.names), list(source.digests)]
    if crop_fraction != 1:
        facts.append(crop_fraction)
    text = json.dumps(facts).encode()  # escapes all that is not ASCII
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _shrink_all(source, image_size, how, progress):
    """Yields each picture as `Shrunk`, or the reason why it is skipped.

    Raises an error at the end if these pictures must not be skipped.
    """
    skipped = []
    shrink_one = functools.partial(_shrink_one, source, image_size, how)
    indices = range(len(source))
    # Warning filters are global: setting them in a thread would be a race.
    with (
        warnings.catch_warnings(),
        contextlib.closing(
            spread(shrink_one, indices, "Shrinking pictures", progress)
        ) as results,
    ):
        # Pillow warns of odd metadata, and of sizes that `decode_image` checks.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        for name, result in zip(source.names, results, strict=True):
            if isinstance(result, str):
                skipped.append((name, result))
            yield result
    _check_skipped(source, skipped)


def _shrink_one(source, image_size, how, index):
    try:
        image = source.read(index)
        return Shrunk(
            shrink(image, image_size, **how),
            image.size,
            thumbnail(image),
            image.info.get(capture.KEY, ""),
        )
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)


# === Skipped pictures ===


def _check_skipped(source, skipped):
    if skipped and source.strict:
        raise ValueError(_list_skipped(source, skipped))
    kept = source.labels[_kept(source, skipped)]
    empty = [
        source.class_names[label] for label in np.setdiff1d(source.labels, kept)
    ]
    if empty:
        raise ValueError(
            f"No picture of these classes can be decoded: {', '.join(empty)}. "
            f"{_list_skipped(source, skipped)}"
        )


def _list_skipped(source, skipped):
    verb = "cannot be decoded" if source.strict else "are skipped"
    lines = [f"\n  {name}: {reason}" for name, reason in skipped]
    return f"{len(skipped)} of {len(source)} pictures {verb}:" + "".join(lines)


def _kept(source, skipped):
    left_out = {name for name, _ in skipped}
    return np.array(
        [i for i, name in enumerate(source.names) if name not in left_out], int
    )


def _select(source, cached, facts):
    kept = _kept(source, cached.skipped)
    places = {name: index for index, name in enumerate(source.names)}
    return PixelCache(
        images=cached.images,
        labels=np.asarray(source.labels, np.int32)[kept],
        names=tuple(source.names[index] for index in kept),
        class_names=source.class_names,
        splits=None if source.splits is None else source.splits[kept],
        groups=None if source.groups is None else source.groups[kept],
        attributes={
            name: (values, indices[kept])
            for name, (values, indices) in source.attributes.items()
        },
        skipped=cached.skipped,
        picture_sizes=cached.sizes,
        thumbnails=cached.thumbnails,
        hashes=cached.hashes,
        digests=tuple(source.digests[index] for index in kept),
        captured=cached.captured,
        columns={
            name: tuple(texts[index] for index in kept)
            for name, texts in source.columns.items()
        },
        left_out=tuple(source.left_out),
        read=lambda name: source.read(places[name]),
        **facts,
    )
