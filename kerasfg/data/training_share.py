"""A share of the training pictures, to see what fewer of them cost."""

import numpy as np

from kerasfg.data.splits import UNUSED


def keep_share(splits, labels, share, seed=0):
    """Leaves out some training pictures of each class.

    The pictures of a smaller share are among those of a larger one.

    Args:
        splits: Split of each picture, as `assign_splits` gives it.
        labels: Integer class of each picture, `(pictures,)`.
        share: Of each class's training pictures that is kept, above 0 and at
            most 1; at least one of a class is.
        seed: Integer that decides which. Defaults to `0`.

    Returns:
        String array `(pictures,)`, in which `"unused"` stands for the pictures
        that are left out.

    Example:

    >>> keep_share(["train", "test", "train"], [0, 0, 0], 0.5).tolist()
    ['train', 'test', 'unused']
    """
    result = np.array(splits, dtype="<U6")
    labels = np.asarray(labels)
    train = result == "train"
    for label in np.unique(labels[train]):
        rows = np.flatnonzero(train & (labels == label))
        # An order that is the same for every share, so that they are nested.
        rows = np.random.default_rng([seed, label]).permutation(rows)
        kept = max(1, int(np.floor(len(rows) * share + 0.5)))
        result[rows[kept:]] = UNUSED
    return result
