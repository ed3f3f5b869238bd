"""Draws some classes of a source at random."""

import dataclasses

import numpy as np


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
        source,
        class_names=tuple(names[label] for label in drawn),
        names=tuple(source.names[row] for row in rows),
        labels=new_labels.astype(np.int32),
        digests=tuple(source.digests[row] for row in rows),
        read=lambda index: source.read(rows[index]),
        splits=None if source.splits is None else source.splits[rows],
        groups=None if source.groups is None else source.groups[rows],
        attributes={
            name: (values, indices[rows])
            for name, (values, indices) in source.attributes.items()
        },
        columns={
            name: tuple(texts[row] for row in rows)
            for name, texts in source.columns.items()
        },
    )
