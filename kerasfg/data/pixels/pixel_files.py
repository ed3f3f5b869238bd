"""Pixels in a folder of two files, which appears whole or not at all.

`pixels.npy` holds the pixels, `index.json` what they are of and their digest.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import tempfile
import time
import warnings

import numpy as np

# Raised when these files change.
FORMAT = 1

# Larger files are trusted by their size; hashing them would take too long.
_MAX_CHECKED_BYTES = 64 * 2**20

# How folders begin that are being written or removed.
_MAKING = ".making-"


def open_pixels(folder, names, image_size):
    """Opens what `write_pixels` has written.

    Args:
        folder: Folder of the pixels.
        names: Names of the pictures.
        image_size: Side of the pixels.

    Returns:
        Read-only memory-mapped uint8 array of the pictures that are there, and
        a list of pairs of name and reason of those that are not. `None` if
        there is no such folder, or if it was damaged and now is removed.
    """
    if not folder.exists():
        return None
    try:
        return _open_checked(folder, names, image_size)
    except (OSError, ValueError, KeyError, TypeError) as error:
        warnings.warn(
            f"The cache in {folder} is damaged ({error}); it is made again.",
            stacklevel=3,
        )
        _discard(folder)
        return None


def _open_checked(folder, names, image_size):
    index = json.loads((folder / "index.json").read_text())
    skipped = [(name, reason) for name, reason in index["skipped"]]
    left_out = {name for name, _ in skipped}
    kept = [name for name in names if name not in left_out]
    if index["format"] != FORMAT or index["names"] != kept:
        raise ValueError("its index is of other pictures")
    pixels = folder / "pixels.npy"
    images = np.load(pixels, mmap_mode="r")
    shape = (len(kept), image_size, image_size, 3)
    if images.shape != shape or images.dtype != np.uint8:
        raise ValueError("its pixels have another shape")
    if pixels.stat().st_size != index["bytes"]:
        raise ValueError("its pixels have another size")
    if index["bytes"] <= _MAX_CHECKED_BYTES:
        if _digest(images).hexdigest() != index["digest"]:
            raise ValueError("its pixels have changed")
    return images, skipped


def _digest(data=b""):
    return hashlib.blake2b(data, digest_size=16)


def write_pixels(folder, names, image_size, results):
    """Writes pixels beside their place, moves them there and opens them.

    Args:
        folder: Folder of the pixels.
        names: Names of the pictures.
        image_size: Side of the pixels.
        results: Iterator over the pictures: a uint8 array
            `(image_size, image_size, 3)`, or the reason why there is none.

    Returns:
        As `open_pixels`.

    Raises:
        OSError: If the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder.parent)
        temporary = pathlib.Path(
            tempfile.mkdtemp(prefix=_MAKING, dir=folder.parent)
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
    kept, skipped, digest = [], [], _digest()
    shape = (image_size, image_size, 3)
    with open(folder / "pixels.npy", "wb") as file:
        # NumPy leaves room in the header for any number of pictures.
        _write_header(file, (len(names), *shape))
        start = file.tell()
        for name, result in zip(names, results, strict=True):
            if isinstance(result, str):
                skipped.append((name, result))
                continue
            kept.append(name)
            digest.update(result)
            file.write(result)
        size = file.tell()
        file.seek(0)
        _write_header(file, (len(kept), *shape))
        if file.tell() != start:
            raise RuntimeError("The header of the pixel file changed its size.")
        file.flush()
        os.fsync(file.fileno())
    index = {
        "format": FORMAT,
        "names": kept,
        "skipped": skipped,
        "bytes": size,
        "digest": digest.hexdigest(),
    }
    (folder / "index.json").write_text(json.dumps(index))


def _write_header(file, shape):
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _move(temporary, folder):
    try:
        os.replace(temporary, folder)
    except OSError:
        # Another process may have made the same in the meantime.
        if not (folder / "index.json").exists():
            raise


def _discard(folder):
    """Removes a damaged cache; it leaves its place in one step."""
    with contextlib.suppress(OSError):
        aside = pathlib.Path(
            tempfile.mkdtemp(prefix=_MAKING, dir=folder.parent)
        )
        os.replace(folder, aside / "damaged")
        shutil.rmtree(aside)


def _remove_abandoned(parent):
    """Removes what killed processes have left, a day later."""
    for path in parent.glob(f"{_MAKING}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > 24 * 3600:
                shutil.rmtree(path)


def _not_writable(folder, error):
    return OSError(
        f"The cache cannot be written: {error.strerror or error}. Set the "
        "environment variable KERASFG_CACHE to a folder with room that can be "
        f"written. Received: cache_dir={str(folder.parent.parent)!r}"
    )
