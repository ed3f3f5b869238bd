"""Draws some classes of a source at random."""

import dataclasses

import numpy as np

from kerasfg.data.sources.some_pictures import some_pictures


def some_classes(source, count, seed=0):
    """Makes a source of the pictures of randomly drawn classes.

    Args:
        source: `kerasfg.data.Source`.
        count: Number of classes, at least two. The classes keep their order.
        seed: Seed of the draw, an integer. Defaults to `0`.

    Returns:
        A `Source`.

    Raises:
        ValueError: If `count` is below two, or above the number of classes of
            the source.
    """
    names = source.class_names
    if not 2 <= count <= len(names):
        raise ValueError(
            "The number of classes to draw must be from 2 to the number of "
            f"classes of the data, {len(names)}. Received: classes={count}"
        )
    random = np.random.default_rng(seed)
    drawn = np.sort(random.choice(len(names), count, replace=False))
    rows = np.flatnonzero(np.isin(source.labels, drawn))
    new_labels = np.searchsorted(drawn, source.labels[rows])
    return dataclasses.replace(
        some_pictures(source, rows),
        class_names=tuple(names[label] for label in drawn),
        labels=new_labels.astype(np.int32),
    )
