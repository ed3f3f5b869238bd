"""The training pictures with the most similar features."""

from __future__ import annotations

import numbers

import numpy as np
import numpy.typing as npt


def nearest_pictures(
    features: npt.ArrayLike, of: npt.ArrayLike, count: int = 3
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Finds the pictures whose features have the smallest angle to others.

    Args:
        features: Features of the pictures to search, such as those of the
            training, of shape `(pictures, dim)`.
        of: Features of the pictures to find them for, of shape `(n, dim)`.
        count: Number of pictures to find for each. If there are fewer, all are
            found. Defaults to `3`.

    Returns:
        Indices into `features`, the nearest first, and the cosine of the angle,
        from -1 to 1, where 1 is the same direction: arrays of shape
        `(n, count)`, integers and float32. Of equally near ones the one with
        the lower index comes first. The cosine of a vector of zeros is 0.

    Raises:
        ValueError: If the shapes do not fit, a number is not finite, or `count`
            is not a positive integer.

    Example:

    >>> indices, cosines = nearest_pictures([[0, 2], [3, 3]], [[1, 0]], 1)
    >>> indices.tolist(), cosines.round(2).tolist()
    ([[1]], [[0.7099999785423279]])
    """
    if not isinstance(count, numbers.Integral) or count < 1:
        raise ValueError(
            "Argument `count` must be an integer from 1. "
            f"Received: count={count!r}"
        )
    known, asked = _rows(features, "features"), _rows(of, "of")
    if known.shape[1] != asked.shape[1]:
        raise ValueError(
            "Arguments `features` and `of` must be features of one model, with "
            "as many numbers. Received: features.shape="
            f"{known.shape}, of.shape={asked.shape}"
        )
    cosines = _unit(asked) @ _unit(known).T
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    found = np.take_along_axis(cosines, order, axis=1)
    return order, np.clip(found, -1, 1).astype("float32")


def _rows(values, name):
    values = np.asarray(values, "float32")
    if values.ndim != 2 or not len(values) or not np.isfinite(values).all():
        raise ValueError(
            f"Argument `{name}` must be finite numbers of shape "
            f"`(pictures, dim)`, at least one. Received: {name}.shape="
            f"{values.shape}"
        )
    return values


def _unit(rows):
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)
