"""Takes some of the pictures of a source."""

import dataclasses

import numpy as np


def some_pictures(source, rows):
    """Makes a source of some pictures of another, with the same classes.

    Args:
        source: `kerasfg.data.Source`.
        rows: Indices of the pictures, an integer array.

    Returns:
        A `Source`.
    """
    return dataclasses.replace(
        source,
        names=tuple(source.names[row] for row in rows),
        labels=source.labels[rows],
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


def spread_pictures(source, count):
    """Makes a source of pictures that are spread evenly over another.

    Args:
        source: `kerasfg.data.Source`.
        count: Most pictures to take; at least one of each class is taken.

    Returns:
        A `Source`, the same one if it has no more.
    """
    if len(source) <= count:
        return source
    firsts = np.unique(source.labels, return_index=True)[1]
    spread = np.linspace(0, len(source) - 1, count).astype(int)
    return some_pictures(source, np.union1d(firsts, spread))
