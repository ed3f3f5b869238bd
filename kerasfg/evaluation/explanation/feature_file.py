"""Stores the features of training pictures, which take long to compute."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kerasfg.atomic_file import replacing

MAX_BYTES = 2 * 2**30


@dataclasses.dataclass(frozen=True, eq=False)
class KnownPictures:
    """The pictures that a model was trained on, as it gets them.

    Attributes:
        features: Float array of shape `(pictures, dim)`.
        names: Name of each picture.
        classes: Name of the class of each picture.
    """

    features: npt.NDArray
    names: tuple[str, ...]
    classes: tuple[str, ...]


def write_features(
    filepath: str | os.PathLike[str], known: KnownPictures
) -> None:
    """Writes features in one step, in 16 bits and without pickling.

    Args:
        filepath: Path of the `.npz` file. Its folder is made.
        known: `KnownPictures`. The length of its features is not kept.

    Raises:
        OSError: If the file cannot be written.
    """
    rows = np.asarray(known.features, "float32")
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = (rows / np.where(norms > 0, norms, 1)).astype("float16")
    Path(filepath).parent.mkdir(parents=True, exist_ok=True)
    with replacing(filepath) as temporary_path:
        np.savez(
            temporary_path,
            features=rows,
            names=_as_bytes(known.names),
            classes=_as_bytes(known.classes),
        )


def read_features(filepath: str | os.PathLike[str]) -> KnownPictures | None:
    """Reads features; nothing in the file is run.

    Args:
        filepath: Path of the file.

    Returns:
        `KnownPictures` with float16 features of length 1; `None` if there is no
        such file or it is damaged.
    """
    damaged = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
    with contextlib.suppress(*damaged):
        if not Path(filepath).is_file():  # a pipe would block for ever
            return None
        with zipfile.ZipFile(filepath) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > MAX_BYTES:
            return None
        with np.load(filepath, allow_pickle=False) as parts:
            known = KnownPictures(
                parts["features"],
                _as_text(parts["names"]),
                _as_text(parts["classes"]),
            )
        if _fits(known):
            return known
    return None


def _fits(known):
    features = known.features
    return (
        features.ndim == 2
        and features.dtype == np.float16
        and 0 < len(features) == len(known.names) == len(known.classes)
        and bool(np.isfinite(features).all())
    )


def _as_bytes(texts):
    # A name that is not UTF-8 has lone surrogates; none has a zero.
    encoded = "\0".join(texts).encode("utf-8", "surrogatepass")
    return np.frombuffer(encoded, np.uint8)


def _as_text(values):
    text = values.astype(np.uint8).tobytes().decode("utf-8", "surrogatepass")
    return tuple(text.split("\0"))
