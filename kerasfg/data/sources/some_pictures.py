"""Takes some of the pictures of a source."""

import dataclasses


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
