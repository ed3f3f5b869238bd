"""A few of a source's classes, drawn at random."""

import dataclasses

import numpy as np


def some_classes(source, count, seed=0):
    """Takes the pictures of some classes, as a source of its own.

    Args:
        source: `kerasfg.data.Source`.
        count: How many classes, at least two. They keep their order.
        seed: Integer that decides which. Defaults to `0`.

    Returns:
        A `Source`.

    Raises:
        ValueError: If the source does not have as many.
    """
    names = source.class_names
    if not 2 <= count <= len(names):
        raise ValueError(
            f"So many classes must be drawn as there are, {len(names)}, or "
            f"fewer, at least 2. Received: classes={count}"
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
    )
