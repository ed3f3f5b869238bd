"""Probabilities of many pictures, processed a few rows at a time.

With 10,000 classes those of 25,000 pictures take 1 GB as float32. So nothing
else of that size is made: the measures are a few numbers for each picture.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from kerasfg.data.progress import processors

AT_ONCE = 2**18  # numbers in a part: 2 MB as float64


class Probabilities:
    """Class probabilities of pictures, float64 where they are used.

    Args:
        values: Array of shape `(n, classes)`.
        temperature: As of `kerasfg.evaluation.apply_temperature`, which is
            then applied to each row that is used. Defaults to `None`: the
            probabilities are as given.

    Example:

    >>> found = Probabilities(np.array([[0.2, 0.8], [0.7, 0.3]]))
    >>> [values.tolist() for values in found.best]
    [[1, 0], [0.8, 0.7]]
    """

    def __init__(
        self, values: npt.NDArray[Any], temperature: float | None = None
    ) -> None:
        self.values = values
        self.temperature = temperature
        self._best = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shape(self) -> tuple[int, int]:
        """`(n, classes)`."""
        return self.values.shape

    def rows(self, chosen: Any) -> npt.NDArray[np.float64]:
        """Returns some rows.

        Args:
            chosen: A slice or an array of integers.
        """
        values = self.values[chosen].astype("float64")
        if self.temperature is None:
            return values
        return softmax(logits_of(values) / self.temperature, axis=1)

    def parts(
        self, at_once: int | None = None
    ) -> Iterator[tuple[slice, npt.NDArray[np.float64]]]:
        """Yields slices of rows, and these rows.

        Args:
            at_once: Most numbers in a part. Defaults to `None`: 262,144.
        """
        for chosen in self._slices(at_once or AT_ONCE):
            yield chosen, self.rows(chosen)

    def of_parts(
        self, function: Callable[[slice, npt.NDArray[np.float64]], Any]
    ) -> list[Any]:
        """Calls a function of each part in threads.

        Args:
            function: Of a slice of rows and of these rows.

        Returns:
            List of what it returned, in the order of the rows.
        """

        def of_part(chosen):
            return function(chosen, self.rows(chosen))

        slices = list(self._slices(AT_ONCE))
        if len(slices) == 1:
            return [of_part(slices[0])]
        with concurrent.futures.ThreadPoolExecutor(processors()) as pool:
            return list(pool.map(of_part, slices))

    @property
    def best(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """The most probable class of each picture, and its probability."""
        if self._best is None:
            found = self.of_parts(
                lambda _, rows: (rows.argmax(axis=1), rows.max(axis=1))
            )
            classes, highest = zip(*found, strict=True)
            self._best = np.concatenate(classes), np.concatenate(highest)
        return self._best

    def of(self, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Returns the probability of one class of each picture.

        Args:
            labels: Its classes, integers of shape `(n,)`.
        """
        return self.joined(
            lambda chosen, rows: np.take_along_axis(
                rows, labels[chosen, None], axis=1
            )[:, 0]
        )

    def joined(
        self, function: Callable[[slice, npt.NDArray[np.float64]], np.ndarray]
    ) -> np.ndarray:
        """Joins the arrays that a function returns for each part."""
        return np.concatenate(self.of_parts(function))

    def _slices(self, at_once):
        step = max(1, at_once // max(1, self.shape[1]))
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))


def logits_of(probabilities: npt.NDArray[np.float64]) -> np.ndarray:
    """Returns the logarithm; below the smallest normal float32 that of it."""
    return np.log(probabilities.clip(np.finfo("float32").tiny))
