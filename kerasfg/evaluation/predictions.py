"""The checks that measures and plots make of their arguments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.probabilities import Probabilities


def check_predictions(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    class_names: Sequence[str] | None = None,
) -> tuple[npt.NDArray[np.int64], Probabilities]:
    """Checks and converts labels and probabilities.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`;
            `Probabilities` have been checked already.
        class_names: One unique name per class, or `None`.

    Returns:
        Tuple of `labels` as int64 and `probabilities` as `Probabilities`.

    Raises:
        ValueError: If a shape, a label, a probability or the class names are
            not valid.
    """
    labels = np.asarray(labels)
    is_checked = isinstance(probabilities, Probabilities)
    if not isinstance(probabilities, Probabilities):
        probabilities = Probabilities(np.asarray(probabilities))
    _check_shapes(labels, probabilities)
    classes = probabilities.shape[1]
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"Argument `labels` must lie in [0, {classes}), as `probabilities` "
            f"has {classes} columns. Received: labels from {labels.min()} to "
            f"{labels.max()}"
        )
    if not is_checked:
        for chosen, rows in probabilities.parts():
            _check_values(rows, chosen.start)
    if class_names is not None:
        _check_class_names(class_names, classes)
    return labels.astype("int64"), probabilities


def rows_by_class(
    labels: npt.NDArray[np.int64], classes: int
) -> list[npt.NDArray[np.int64]]:
    """Returns the places of each class, in rising order.

    Args:
        labels: A class of each picture, integers of shape `(n,)`.
        classes: Number of classes.

    Example:

    >>> [rows.tolist() for rows in rows_by_class(np.array([1, 0, 1]), 3)]
    [[1], [0, 2], []]
    """
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=classes))
    return np.split(order, ends[:-1])


def check_images(images):
    """Checks that pictures are a uint8 array `(n, height, width, 3)`.

    Args:
        images: The value to check.

    Raises:
        ValueError: If it is not.
    """
    shape, dtype = np.shape(images), getattr(images, "dtype", None)
    if len(shape) != 4 or shape[-1] != 3 or dtype != np.uint8:
        raise ValueError(
            "Argument `images` must be uint8 of shape `(n, height, width, 3)`. "
            f"Received: images.dtype={dtype}, images.shape={shape}"
        )


def _check_shapes(labels, probabilities):
    if (
        labels.ndim != 1
        or len(probabilities.shape) != 2
        or len(labels) != len(probabilities)
        or 0 in probabilities.shape
    ):
        raise ValueError(
            "Arguments `labels` and `probabilities` must have the shapes "
            "`(n,)` and `(n, classes)`, with at least one sample and one "
            f"class. Received: labels.shape={labels.shape}, "
            f"probabilities.shape={probabilities.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(
            "Argument `labels` must hold integers. "
            f"Received: labels.dtype={labels.dtype}"
        )


def _check_values(probabilities, first):
    """Checks some rows; the first has the number `first`."""
    bad = ~np.isfinite(probabilities) | (probabilities < 0)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            "Argument `probabilities` must be finite and not negative. "
            f"Received: probabilities[{first + row}, {column}]="
            f"{probabilities[row, column]}"
        )
    sums = probabilities.sum(axis=1)
    row = np.abs(sums - 1).argmax()
    if abs(sums[row] - 1) > 1e-3:
        raise ValueError(
            "Each row of `probabilities` must sum to 1; apply a softmax to "
            f"logits. Received: probabilities[{first + row}].sum()="
            f"{sums[row]:.6g}"
        )


def _check_class_names(class_names, classes):
    if len(class_names) != classes:
        raise ValueError(
            f"Argument `class_names` must have one name for each of the "
            f"{classes} classes. Received: {len(class_names)} names"
        )
    if len(set(class_names)) != classes:
        names = list(class_names)
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(
            "The names in `class_names` must differ. "
            f"Received: {repeated!r} more than once"
        )
