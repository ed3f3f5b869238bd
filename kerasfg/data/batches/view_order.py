"""ViewOrder: which view of each picture an epoch takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Makes these draws others than those of an epoch's order.
_OFFSETS = 1


class ViewOrder:
    """Takes the views of each picture in turn, beginning at a random one.

    Views are random themselves, so that their order need not be. In turn, a
    training of at most `count` epochs uses no view twice. A picture that an
    epoch takes several times, as a balanced one does, is taken in another view
    each time.

    Args:
        rows: Indices of the pictures that have views, in the order of these.
        count: Views of a picture.
        seed: Non-negative int.

    Example:

    >>> order = ViewOrder(np.array([2, 5]), count=4, seed=0)
    >>> epochs = [order.places(np.array([[5]]), epoch) for epoch in range(4)]
    >>> sorted(int(places[0, 0]) for places in epochs)
    [4, 5, 6, 7]
    """

    def __init__(self, rows: npt.ArrayLike, count: int, seed: int):
        rows = np.asarray(rows)
        self.count = count
        self._numbers = np.full(rows.max() + 1, -1)
        self._numbers[rows] = np.arange(len(rows))
        random = np.random.default_rng([seed, 0, _OFFSETS])
        self._offsets = random.integers(count, size=len(rows))

    def places(
        self, order: npt.NDArray[np.integer], epoch: int
    ) -> npt.NDArray[np.int64]:
        """Returns where the views are that an epoch takes.

        Args:
            order: Rows of the pictures of each batch, `(steps, batch_size)`.
            epoch: Index of the epoch.

        Returns:
            Indices of views, `(steps, batch_size)`: those of a picture are one
            after the other, in the order of the pictures.
        """
        numbers = self._numbers[order]
        turn = self._offsets[numbers] + epoch + _earlier(numbers)
        return numbers * self.count + turn % self.count


def _earlier(numbers):
    """Counts how often each number occurs earlier in an array."""
    flat = numbers.ravel()
    ascending = np.argsort(flat, kind="stable")
    ordered = flat[ascending]
    first = np.searchsorted(ordered, ordered)
    counts = np.empty(flat.size, "int64")
    counts[ascending] = np.arange(flat.size) - first
    return counts.reshape(numbers.shape)
