"""Joins pictures that must stay on one side of a split."""

import numpy as np


def join_pairs(count, pairs):
    """Numbers the groups that pairs of pictures make.

    Args:
        count: Number of pictures.
        pairs: Pairs of indices of pictures that belong together.

    Returns:
        int32 array `(count,)`: the group of each picture.

    Example:

    >>> join_pairs(4, [(0, 2), (2, 3)]).tolist()
    [1, 0, 1, 1]
    """
    parents = list(range(count))

    def root(index):
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for a, b in pairs:
        parents[root(a)] = root(b)
    roots = [root(index) for index in range(count)]
    return np.unique(roots, return_inverse=True)[1].astype(np.int32)


def join_equal(*keys):
    """Numbers the groups of pictures that share one of their keys.

    Args:
        *keys: A key for each picture, `""` for none; several sequences.

    Returns:
        int32 array, or `None` if no two pictures share a key.

    Example:

    >>> join_equal(["", "x", "x"], ["a", "b", "a"]).tolist()
    [0, 0, 0]
    """
    pairs = []
    for sequence in keys:
        first = {}
        for index, key in enumerate(sequence):
            if key != "" and first.setdefault(key, index) != index:
                pairs.append((first[key], index))
    return join_pairs(len(keys[0]), pairs) if pairs else None
