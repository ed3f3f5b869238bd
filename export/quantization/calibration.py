"""Chooses the pictures that calibrate a quantizer."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

MIN_PICTURES, PICTURES = 100, 200


def calibration_rows(
    labels: npt.ArrayLike,
    splits: npt.ArrayLike,
    pictures: int = PICTURES,
    seed: int = 0,
) -> npt.NDArray[np.int64]:
    """Picks training pictures to calibrate a quantized file with.

    The classes take turns in random order. At its turn a class contributes a
    random picture that has not been picked yet, until there are enough. So all
    classes have equally many pictures, as long as they have any left.

    Args:
        labels: Integer class of each picture, shape `(all pictures,)`.
        splits: `"train"`, `"val"`, `"test"` or `""` for each picture. Only
            `"train"` is picked from.
        pictures: Number of pictures to pick, at least 100. If the training
            split has fewer than 100, all are picked, with a warning. Defaults
            to `200`.
        seed: Seed of the draw, an integer. Defaults to `0`.

    Returns:
        Ascending int64 array of positions in `labels`, each once.

    Raises:
        ValueError: If `pictures` is below 100, `splits` does not fit `labels`
            or has no `"train"`.

    Example:

    >>> labels = np.repeat([0, 1, 2], 100)
    >>> splits = np.tile(["train", "test"], 150)
    >>> rows = calibration_rows(labels, splits, pictures=120)
    >>> [int(count) for count in np.bincount(labels[rows])]
    [40, 40, 40]
    >>> set(splits[rows].tolist())
    {'train'}
    """
    labels, splits = np.asarray(labels), np.asarray(splits)
    train = _training_rows(labels, splits, pictures)
    random = np.random.default_rng(seed)
    random.shuffle(train)
    turns = np.empty(len(train), "int64")
    for label in random.permutation(np.unique(labels[train])):
        own = np.flatnonzero(labels[train] == label)
        turns[own] = np.arange(len(own))
    order = np.lexsort((random.random(len(train)), turns))
    return np.sort(train[order[:pictures]])


def _training_rows(labels, splits, pictures):
    if pictures < MIN_PICTURES:
        raise ValueError(
            f"Argument `pictures` must be at least {MIN_PICTURES}: fewer do "
            f"not show the ranges. Received: pictures={pictures}"
        )
    if labels.ndim != 1 or labels.shape != splits.shape:
        raise ValueError(
            "Each picture must have a label and a split. Received: "
            f"labels.shape={labels.shape}, splits.shape={splits.shape}"
        )
    train = np.flatnonzero(splits == "train")
    if not len(train):
        raise ValueError(
            "Calibration takes training pictures, and there are none. "
            f"Received: splits={sorted(set(splits.tolist()))}"
        )
    if len(train) < MIN_PICTURES:
        warnings.warn(
            f"Only {len(train)} training pictures to calibrate with, where "
            f"{MIN_PICTURES} or more show the ranges better.",
            stacklevel=3,
        )
    return train
