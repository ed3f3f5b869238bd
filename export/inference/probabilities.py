"""Checks that the output of a model is probabilities of classes."""

import numpy as np


def units_of(output):
    """Checks the shape of an output, and returns its numbers for a picture.

    Args:
        output: Keras or TensorFlow tensor.

    Raises:
        ValueError: If it is not one float32 number for each of two or more
            classes, or one number for a picture.
    """
    shape = tuple(output.shape)
    dtype = getattr(output.dtype, "name", output.dtype)
    if len(shape) != 2 or shape[1] is None or dtype != "float32":
        raise ValueError(
            "The output must be one float32 number per class, shape "
            f"(None, classes). Received: {dtype} {shape}"
        )
    return shape[1]


def check_probabilities(probabilities, pictures):
    """Checks the probabilities that Keras predicted, and returns them.

    Args:
        probabilities: Array of shape `(pictures, classes)`.
        pictures: Number of pictures.

    Raises:
        ValueError: If the numbers are not finite, or not probabilities.
    """
    if len(probabilities) != pictures:
        raise ValueError(
            "The model must return a row of probabilities for each picture. "
            f"Received: {len(probabilities)} rows for {pictures} pictures"
        )
    finite = np.isfinite(probabilities).all(axis=1)
    if not finite.all():
        raise ValueError(
            "The Keras model must return finite numbers, but returns infinity "
            "or not-a-number: its training has failed, or its pixel range is "
            "another. "
            f"Received: other numbers for picture {int(np.argmin(finite))}"
        )
    totals = probabilities.sum(axis=1)
    if probabilities.min() < 0 or np.abs(totals - 1).max() > 1e-3:
        raise ValueError(
            "The model must return probabilities, which are not negative and "
            "add up to 1: end it with a softmax, or give `output` as logits if "
            f"it returns logits. Received: sums from {totals.min():.4g} to "
            f"{totals.max():.4g}, smallest value {probabilities.min():.4g}"
        )
    return probabilities
