"""Takes some pictures of a source."""

import dataclasses

import numpy as np


def some_pictures(source, count):
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
    rows = np.union1d(firsts, spread)
    return dataclasses.replace(
        source,
        names=tuple(source.names[row] for row in rows),
        labels=np.asarray(source.labels)[rows],
        digests=tuple(source.digests[row] for row in rows),
        read=lambda index: source.read(rows[index]),
        splits=None,
        groups=None,
        attributes={},
        columns={},
    )
