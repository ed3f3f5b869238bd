"""Stores pixels in a folder that is written completely or not at all.

`pixels.npy` holds the pixels and `thumbnails.npy` the grey thumbnails;
`index.json` holds the names of the pictures, what was found out about each when
it was decoded, and the digest of the pixels.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import tempfile
import warnings
from typing import NamedTuple

import numpy as np

from kerasfg.data.pixels.array_file import ArrayFile
from kerasfg.data.pixels.array_file import new_digest
from kerasfg.data.pixels.array_file import open_array
from kerasfg.data.pixels.own_places import MAKING
from kerasfg.data.pixels.own_places import discard
from kerasfg.data.pixels.own_places import remove_forgotten
from kerasfg.data.pixels.perceptual_hash import THUMBNAIL_SIZE
from kerasfg.data.pixels.perceptual_hash import perceptual_hashes
from kerasfg.given_file import read_given

# To be increased when the format of these files changes.
FORMAT = 2

# For larger files only the size is checked; hashing would take too long.
_MAX_CHECKED_BYTES = 64 * 2**20

# For the index; more than those of millions of pictures.
_MAX_INDEX_BYTES = 2**30

_FORGOTTEN = 24 * 3600  # seconds after which nobody is writing any more

# The errors that reading damaged files raises.
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    RecursionError,
)


class Shrunk(NamedTuple):
    """A picture at low resolution, and facts about its decoded form.

    Attributes:
        pixels: uint8 array `(image_size, image_size, 3)`.
        size: Width and height of the decoded picture.
        thumbnail: uint8 array `(32, 32)`, see
            `kerasfg.data.pixels.perceptual_hash`.
        captured: Its camera and time, see `kerasfg.data.pixels.capture`.
    """

    pixels: np.ndarray
    size: tuple[int, int]
    thumbnail: np.ndarray
    captured: str


class Pictures(NamedTuple):
    """The pictures of a cache.

    Attributes:
        images: Read-only memory-mapped uint8 array of the pixels.
        sizes: int32 array `(pictures, 2)` of width and height.
        hashes: uint64 array `(pictures,)`.
        thumbnails: Read-only memory-mapped uint8 array `(pictures, 32, 32)`.
        captured: Tuple of camera and time of each.
        skipped: Pairs of the name of a skipped picture and the reason.
    """

    images: np.ndarray
    sizes: np.ndarray
    hashes: np.ndarray
    thumbnails: np.ndarray
    captured: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def open_pixels(folder, names, image_size):
    """Opens pixels that `write_pixels` has written.

    Args:
        folder: Folder of the pixels.
        names: Names of the pictures.
        image_size: Side of the pixels.

    Returns:
        `Pictures`. `None` if the folder does not exist, or was damaged and has
        been removed.

    Raises:
        WriteError: If it was damaged and cannot be removed.
    """
    if not os.path.lexists(folder):
        return None
    try:
        return _open_checked(folder, names, image_size)
    except _DAMAGE as error:
        warnings.warn(
            f"The cache in {folder} is damaged ({error}); it is made again.",
            stacklevel=3,
        )
        discard(folder)
        return None


def _open_checked(folder, names, image_size):
    index = folder / "index.json"
    index = json.loads(read_given(index, index.name, _MAX_INDEX_BYTES))
    skipped = tuple((name, reason) for name, reason in index["skipped"])
    left_out = {name for name, _ in skipped}
    kept = [name for name in names if name not in left_out]
    if index["format"] != FORMAT or index["names"] != kept:
        raise ValueError("its index lists other pictures")
    pixels = folder / "pixels.npy"
    large = (len(kept), image_size, image_size, 3)
    images = open_array(pixels, large, np.uint8)
    small = (len(kept), THUMBNAIL_SIZE, THUMBNAIL_SIZE)
    thumbnails = open_array(folder / "thumbnails.npy", small, np.uint8)
    if pixels.stat().st_size != index["bytes"]:
        raise ValueError("its pixels have another size")
    if index["bytes"] <= _MAX_CHECKED_BYTES:
        if new_digest(images).hexdigest() != index["digest"]:
            raise ValueError("its pixels have changed")
    sizes = np.array(index["sizes"], np.int32).reshape(-1, 2)
    hashes = np.array(index["hashes"], np.uint64)
    captured = tuple(index["captured"])
    if not len(sizes) == len(hashes) == len(captured) == len(kept):
        raise ValueError("its index lists too few facts")
    return Pictures(images, sizes, hashes, thumbnails, captured, skipped)


def write_pixels(folder, names, image_size, results):
    """Writes pixels to a temporary folder, renames it and opens the pixels.

    Args:
        folder: Folder of the pixels.
        names: Names of the pictures.
        image_size: Side of the pixels.
        results: Iterator over the pictures: a `Shrunk`, or the reason why the
            picture is skipped.

    Returns:
        The result of `open_pixels`.

    Raises:
        OSError: If the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_forgotten(folder.parent, _FORGOTTEN)
        temporary = pathlib.Path(
            tempfile.mkdtemp(prefix=MAKING, dir=folder.parent)
        )
    except OSError as error:
        raise _not_writable(folder, error) from error
    try:
        _write(temporary, names, image_size, results)
        _move(temporary, folder)
    except OSError as error:
        raise _not_writable(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return _open_checked(folder, names, image_size)


def _write(folder, names, image_size, results):
    kept, skipped, sizes, captured = [], [], [], []
    thumbnails_path = folder / "thumbnails.npy"
    with (
        ArrayFile(folder / "pixels.npy", (image_size, image_size, 3)) as pixels,
        ArrayFile(thumbnails_path, (THUMBNAIL_SIZE, THUMBNAIL_SIZE)) as small,
    ):
        for name, result in zip(names, results, strict=True):
            if isinstance(result, str):
                skipped.append((name, result))
                continue
            kept.append(name)
            pixels.append(result.pixels)
            small.append(result.thumbnail)
            sizes.append(result.size)
            captured.append(result.captured)
    # All at once: one by one would take longer than the thumbnails.
    of_all = (len(kept), THUMBNAIL_SIZE, THUMBNAIL_SIZE)
    hashes = perceptual_hashes(open_array(thumbnails_path, of_all, np.uint8))
    index = {
        "format": FORMAT,
        "names": kept,
        "sizes": sizes,
        "hashes": hashes.tolist(),
        "captured": captured,
        "skipped": skipped,
        "bytes": pixels.bytes,
        "digest": pixels.digest.hexdigest(),
    }
    (folder / "index.json").write_text(json.dumps(index))


def _move(temporary, folder):
    try:
        os.replace(temporary, folder)
    except OSError:
        # Another process may have written the same folder in the meantime.
        if not (folder / "index.json").exists():
            raise


def _not_writable(folder, error):
    return OSError(
        f"The cache cannot be written: {error.strerror or error}. Set the "
        "environment variable KERASFG_CACHE to a writable folder with free "
        f"space. Received: cache_dir={str(folder.parent.parent)!r}"
    )
