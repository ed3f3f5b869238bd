"""Targets and numbers per class that losses take in several forms."""

import math

from keras import ops


def one_hot_rows(y_true, logits, classes):
    """Returns targets as rows of a value per class.

    Args:
        y_true: Rows of shape `(batch, classes)`, or integer labels of shape
            `(batch,)` or `(batch, 1)`.
        logits: Tensor of shape `(batch, classes)`, which gives the dtype.
        classes: Number of classes that the loss was made for.

    Returns:
        Tensor of shape `(batch, classes)`.

    Raises:
        ValueError: If the logits are of another number of classes.
    """
    if logits.shape[-1] != classes:
        raise ValueError(
            "The loss must have a number for each class that the network has "
            "a logit for. Received: y_pred of the shape "
            f"{tuple(logits.shape)}, {classes} classes"
        )
    if len(y_true.shape) > 1 and y_true.shape[-1] == classes:
        return ops.cast(y_true, logits.dtype)
    labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
    return ops.one_hot(labels, classes, dtype=logits.dtype)


def checked_numbers(name, values):
    """Returns a number per class as a tuple of floats.

    Args:
        name: Name of the argument, for errors.
        values: The numbers.

    Raises:
        ValueError: If there are not at least two, one is not finite or
            negative, or all are 0.
    """
    numbers = tuple(float(value) for value in values)
    is_allowed = all(math.isfinite(x) and x >= 0 for x in numbers)
    if len(numbers) < 2 or not is_allowed or not any(numbers):
        raise ValueError(
            f"Argument `{name}` must hold a finite number of at least 0 "
            "for each of two or more classes, not all of them 0. "
            f"Received: {name}={list(numbers)}"
        )
    return numbers
