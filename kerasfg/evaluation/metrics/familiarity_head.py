"""Familiarity: how much a picture is like those that a network knows."""

from __future__ import annotations

import dataclasses
import io
import os
import pathlib
import zipfile

import numpy as np
import numpy.typing as npt

from kerasfg.atomic_file import replacing
from kerasfg.given_file import read_given

KNOWN = 0.5  # from here on a picture is of one of the classes
MAX_NUMBERS = 24  # that features are projected to
SHORTEST = 1e-6  # length of features that is divided by
_ARRAYS = {"projection": 2, "bias": 1, "means": 2}  # and their dimensions
_NUMBERS = ("distance", "energy", "offset")
_AT_ONCE = 2**18  # logits in a part: 2 MB as float64


@dataclasses.dataclass(frozen=True, eq=False)
class Familiarity:
    """A small head on a network's features and logits.

    Formula:

    ```python
    x = features / max(sqrt(sum(features ** 2)), 1e-6)  # if `normalize`
    z = x @ projection + bias
    d = min(sum((z - mean) ** 2) for mean in means)
    e = log(sum(exp(logits)))
    familiarity = sigmoid(offset + energy * e - distance * d)
    ```

    Attributes:
        projection: float32 `(dim, r)`, `r` from 1 to 24.
        bias: float32 `(r,)`.
        means: float32 `(means, r)`, such as of each class.
        distance: Weight of `d`. Below 0, distant pictures are familiar.
        energy: Weight of `e`. One of the two may be 0.
        offset: Number that makes 0.5 the threshold.
        normalize: Whether features are divided by their length before.
            Defaults to `True`.

    Raises:
        ValueError: If shapes do not fit, or a number is not finite.
    """

    projection: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    means: npt.NDArray[np.float32]
    distance: float
    energy: float
    offset: float
    normalize: bool = True

    def __post_init__(self):
        for name, dimensions in _ARRAYS.items():
            array = np.asarray(getattr(self, name))
            if array.dtype.kind not in "fiu" or array.ndim != dimensions:
                raise ValueError(
                    f"`{name}` must be numbers of {dimensions} dimension(s). "
                    f"Received: {name} of {array.dtype} {array.shape}"
                )
            object.__setattr__(self, name, array.astype("float32"))
        for name in _NUMBERS:
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "normalize", bool(self.normalize))
        _check(self)

    def score(
        self, features: npt.ArrayLike, logits: npt.ArrayLike
    ) -> npt.NDArray[np.float32]:
        """Returns the familiarity of pictures, from 0 to 1; 0.5 is known.

        Args:
            features: `(pictures, dim)`, the input of the last dense layer.
            logits: `(pictures, classes)`, the input of the softmax.

        Returns:
            float32 array `(pictures,)`.
        """
        features = np.asarray(features, "float64")
        logits = np.asarray(logits)
        if self.normalize:
            lengths = np.linalg.norm(features, axis=1, keepdims=True)
            features = features / np.maximum(lengths, SHORTEST)
        z = features @ self.projection.astype("float64") + self.bias
        # Not all differences at once, which may be many.
        distances = [((z - mean) ** 2).sum(axis=1) for mean in self.means]
        energies = [_energies(rows) for rows in in_parts(logits)]
        value = self.offset - self.distance * np.min(distances, axis=0)
        value = value + self.energy * np.concatenate(energies)
        # Without an overflow on either side.
        return (0.5 * (1 + np.tanh(value / 2))).astype("float32")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it as an `.npz` file, whole or not at all."""
        names = [field.name for field in dataclasses.fields(self)]
        with replacing(pathlib.Path(path)) as temporary_path:
            np.savez(temporary_path, **{x: getattr(self, x) for x in names})


def in_parts(logits):
    """Yields a few rows at a time, float64: there may be 10,000 classes.

    Args:
        logits: `(pictures, classes)`; without a row there is one empty part.
    """
    step = max(1, _AT_ONCE // max(1, logits.shape[1]))
    for start in range(0, max(1, len(logits)), step):
        yield logits[start : start + step].astype("float64")


def _energies(logits):
    highest = logits.max(axis=1)
    powers = np.exp(logits - highest[:, None]).sum(axis=1)
    return highest + np.log(powers)


def load_familiarity(path: str | os.PathLike[str]) -> Familiarity:
    """Reads what `Familiarity.save` wrote; the file may be anybody's.

    Args:
        path: The `.npz` file.

    Raises:
        ValueError: If it is not such a file.

    Example:

    ```python
    head = load_familiarity("run/familiarity.npz")
    known = head.score(features, logits) >= 0.5
    ```
    """
    path = pathlib.Path(path)
    contents = read_given(path, "The familiarity of a run")
    wanted = {*_ARRAYS, *_NUMBERS, "normalize"}
    try:
        _check_stored(contents)
        with np.load(io.BytesIO(contents), allow_pickle=False) as file:
            found = {name: file[name] for name in wanted}
        for name in (*_NUMBERS, "normalize"):
            found[name] = found[name].item()
        return Familiarity(**found)
    except (
        AttributeError,
        EOFError,
        KeyError,
        MemoryError,
        NotImplementedError,
        OSError,
        OverflowError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(
            "The familiarity of a run must be a file that kerasfg wrote: "
            f"evaluate the run again. Received: {str(path)!r}: {error}"
        ) from error


def _check_stored(contents):
    """Refuses a compressed file, which may become far larger when read."""
    with zipfile.ZipFile(io.BytesIO(contents)) as file:
        if any(x.compress_type != zipfile.ZIP_STORED for x in file.infolist()):
            raise ValueError("it is compressed")


def _check(head):
    dim, numbers = head.projection.shape
    if not (dim and 1 <= numbers <= MAX_NUMBERS):
        raise ValueError(
            f"Features must be projected to 1 to {MAX_NUMBERS} numbers. "
            f"Received: projection of shape {head.projection.shape}"
        )
    shapes = head.bias.shape, head.means.shape[1:]
    if shapes != ((numbers,), (numbers,)) or not len(head.means):
        raise ValueError(
            f"`bias` and each of `means` must have {numbers} numbers, as the "
            "projection gives. Received: bias and means of shapes "
            f"{head.bias.shape} and {head.means.shape}"
        )
    for name in (*_ARRAYS, *_NUMBERS):
        if not np.isfinite(getattr(head, name)).all():
            raise ValueError(
                f"`{name}` must be finite. Received: {name}="
                f"{getattr(head, name)}"
            )
