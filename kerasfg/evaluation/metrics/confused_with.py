"""For each class, those that it is taken for most often."""

import collections

_MOST = 3


def confused_with(parts, class_names, most=_MOST):
    """Lists what each class is taken for, or is taken for it.

    Args:
        parts: Parts of a report about splits, such as `report["test"]`; their
            mistakes are added.
        class_names: Names of the classes, in the order of the labels.
        most: Most names of a class. Defaults to `3`.

    Returns:
        Dictionary from a class to others, the most frequent first; without the
        classes that no mistake was made of.

    Example:

    >>> part = {"confusion": [[5, 2, 1], [0, 8, 0], [3, 0, 6]]}
    >>> confused_with([part], ["tit", "wren", "jay"], most=1)
    {'tit': ['jay'], 'wren': ['tit'], 'jay': ['tit']}
    """
    counts = collections.defaultdict(collections.Counter)
    for part in parts:
        for true, predicted, count in _mistakes(part):
            counts[true][predicted] += count
            counts[predicted][true] += count
    return {
        str(class_names[true]): [
            str(class_names[other])
            # Equal ones in the order of the classes.
            for other, _ in sorted(
                others.items(), key=lambda pair: (-pair[1], pair[0])
            )[:most]
        ]
        for true, others in counts.items()
    }


def _mistakes(part):
    """Yields the class, what it was taken for, and how often."""
    if part["confusion"] is None:
        rows = part["confusions"]
    else:
        rows = (
            (true, predicted, count)
            for true, row in enumerate(part["confusion"])
            for predicted, count in enumerate(row)
        )
    for true, predicted, count in rows:
        if true != predicted and count:
            yield true, predicted, count
