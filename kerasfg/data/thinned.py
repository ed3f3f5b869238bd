"""Thins the training pictures to unequal classes, to study such data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kerasfg.data.splits import keep_share


def thin_classes(
    splits: npt.ArrayLike,
    labels: npt.ArrayLike,
    imbalance: float,
    seed: int = 0,
) -> npt.NDArray[np.str_]:
    """Leaves out training pictures so that the sizes of classes fall evenly.

    Formula:

    ```python
    kept[k] = largest * imbalance ** (-k / (classes - 1))
    ```

    rounded, at least 1 and at most what the class has, for the class at place
    `k` of an order that the seed draws; it begins with the largest classes. So
    the first class is `imbalance` times as large as the last. The same profile
    makes CIFAR-LT. The pictures of other splits stay as they are.

    Args:
        splits: Split of each picture, as `assign_splits` returns it.
        labels: Integer class of each picture, `(pictures,)`.
        imbalance: At least 1, at which nothing is left out.
        seed: Seed of the order of the classes and of the pictures that are
            kept, an integer. Defaults to `0`.

    Returns:
        String array `(pictures,)` like `splits`, with `"unused"` for the
        pictures that are left out.

    Example:

    >>> splits = thin_classes(["train"] * 12, [0] * 4 + [1] * 4 + [2] * 4, 4)
    >>> kept = np.reshape(splits == "train", (3, 4)).sum(axis=1)
    >>> sorted(kept.tolist())
    [1, 2, 4]

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 5.1
    """
    result = np.array(splits, dtype="<U6")
    labels = np.asarray(labels)
    if imbalance == 1:
        return result
    classes, counts = np.unique(labels[result == "train"], return_counts=True)
    order = np.random.default_rng(seed).permutation(len(classes))
    order = order[np.argsort(counts[order] < counts.max(), kind="stable")]
    places = np.arange(len(classes)) / max(len(classes) - 1, 1)
    sizes = np.floor(counts.max() * imbalance**-places + 0.5)
    for place, size in zip(order, np.maximum(sizes, 1), strict=True):
        rows = np.flatnonzero(labels == classes[place])
        share = min(1.0, size / counts[place])
        result[rows] = keep_share(result[rows], labels[rows], share, seed)
    return result
