"""Splits in which each picture is tested once."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from kerasfg.data.splits import UNUSED
from kerasfg.data.splits import assign_splits


def fold_splits(pixels, groups, folds, fold, seed=0, val_share=0.15):
    """Assigns pictures to train, validation and test in one of several folds.

    The pictures of a group stay on one side, and each class is spread over the
    folds as evenly as that allows. Given splits are ignored, but pictures that
    are `unused` stay so.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        groups: Its `kerasfg.data.groups.Groups`.
        folds: Number of folds, at least 2.
        fold: Number of the one that is tested, from 1 on.
        seed: Seed of the draw, an integer. Defaults to `0`.
        val_share: Share of the others that validation gets. Defaults to
            `0.15`.

    Returns:
        See `kerasfg.data.assign_splits`.

    Raises:
        ValueError: If a class has fewer than two separate pictures, or none
            has one for each fold.
    """
    used = np.ones(len(pixels), bool)
    if pixels.splits is not None:
        used = np.asarray(pixels.splits) != UNUSED
    ids = np.arange(len(pixels)) if groups.ids is None else groups.ids
    rows = np.flatnonzero(used)
    labels = pixels.labels[rows]
    _check(labels, ids[rows], folds, pixels.class_names)
    draw = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A small class is in some folds only, which is no mistake.
        warnings.filterwarnings("ignore", "The least populated class")
        drawn = list(draw.split(rows, labels, ids[rows]))
    splits = np.full(len(pixels), "train", "<U6")
    splits[~used] = UNUSED
    splits[rows[drawn[fold - 1][1]]] = "test"
    return assign_splits(
        pixels.labels,
        splits,
        groups.ids,
        seed=seed,
        class_names=pixels.class_names,
        val_share=val_share,
        names=pixels.names,
    )


def _check(labels, ids, folds, class_names):
    """Checks that no fold can take all pictures of a class."""
    few = {
        class_names[label]: len(np.unique(ids[labels == label]))
        for label in np.unique(labels)
    }
    largest = max(few.values(), default=0)
    few = {name: count for name, count in few.items() if count < 2}
    if few or folds > largest:
        raise ValueError(
            "For folds each class must have two separate pictures or more, "
            "copies counting as one, and some class one for each fold: lower "
            f"`folds` or add pictures. Received: folds={folds}, too few in "
            f"{', '.join(map(str, few)) or 'every class'}"
        )
