"""Reads folders of pictures that are of none of the classes of a model."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path
from pathlib import PurePath

import numpy as np

from kerasfg.config.names import arguments_named
from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.progress import in_threads
from kerasfg.data.remote.address import is_remote
from kerasfg.data.sources.elsewhere.walk import check_elsewhere
from kerasfg.data.sources.elsewhere.walk import is_elsewhere
from kerasfg.run.given_paths import find_pictures

# More are thinned out evenly.
MAX_PICTURES = 5000
# Pictures that are held at a time.
_CHUNK = 256
_NAMED = 3


def check_other_folders(
    negatives: str | os.PathLike[str] | None,
    foreign: Iterable[str | os.PathLike[str]] = (),
) -> None:
    """Checks folders before anything slow.

    Args:
        negatives: Folder to fit on, or `None`.
        foreign: Folders to measure on. Defaults to `()`.

    Raises:
        ValueError: If one is not a place of pictures, is named twice, or is in
            another.
    """
    given = [("foreign", path) for path in foreign]
    if negatives is not None:
        given.insert(0, ("negatives", negatives))
    seen = []
    for name, path in given:
        if is_elsewhere(path):
            with arguments_named(directory=name):
                check_elsewhere(path)
        elif not Path(path).is_dir():
            raise ValueError(
                f"`{name}` must be a folder, archive, list or address of "
                f"pictures. Received: {name}={str(path)!r}"
            )
        place = PurePath(path) if is_remote(path) else Path(path).resolve()
        for other in seen:
            if place.is_relative_to(other) or other.is_relative_to(place):
                raise ValueError(
                    "Folders must not be inside one another: a picture must "
                    "not be both fitted and measured on, or be counted twice. "
                    f"Received: {name}={str(path)!r}"
                )
        seen.append(place)


def classify_folder(
    folder: str | os.PathLike[str],
    classify: Callable,
    image_size: int,
    crop: str,
    crop_fraction: float = 1.0,
    verbose: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Computes features and logits of the pictures in a folder.

    Args:
        folder: Folder, searched as `kerasfg predict` does.
        classify: Function from float32 images 0 to 255 to a pair, features and
            logits.
        image_size: Side of the images in pixels.
        crop: See `kerasfg.data.shrink`.
        crop_fraction: Likewise. Defaults to `1.0`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        Features and logits, a row for each picture. A warning counts those
        that cannot be read, and names some.

    Raises:
        ValueError: If there is no picture that can be read.
    """
    files = find_pictures([folder])
    if len(files) > MAX_PICTURES:
        warnings.warn(
            f"Of the {len(files):,} pictures in {folder} {MAX_PICTURES:,} are "
            "used, evenly spread.",
            stacklevel=2,
        )
        chosen = np.linspace(0, len(files) - 1, MAX_PICTURES).astype(int)
        files = [files[i] for i in chosen]

    def read(file):
        try:
            return shrink(decode_image(file), image_size, crop, crop_fraction)
        except (OSError, ValueError) as error:
            return f"{Path(file).name}: {' '.join(str(error).split())}"

    broken, images, parts = [], [], []
    name = Path(folder).name or str(folder)
    for found in in_threads(
        read, files, f"Reading {name}", verbose, ahead=_CHUNK
    ):
        (broken if isinstance(found, str) else images).append(found)
        if len(images) == _CHUNK:
            parts.append(classify(np.stack(images).astype("float32")))
            images.clear()
    if images:
        parts.append(classify(np.stack(images).astype("float32")))
    if broken:
        _warn_of_broken(folder, broken, len(files))
    if not parts:
        raise ValueError(
            "At least one picture of a folder must be readable. "
            f"Received: {str(folder)!r}, where none is: {broken[0]}"
        )
    features, logits = zip(*parts, strict=True)
    return np.concatenate(features), np.concatenate(logits)


def _warn_of_broken(folder, broken, count):
    lines = "".join(f"\n  {line}" for line in broken[:_NAMED])
    more = len(broken) - _NAMED
    more = f"\n  and {more} more" if more > 0 else ""
    warnings.warn(
        f"{len(broken)} of {count} pictures in {folder} cannot be read and are "
        f"left out:{lines}{more}",
        stacklevel=3,
    )
