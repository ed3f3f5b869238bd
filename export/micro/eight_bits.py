"""The numbers that go into and come out of a file for microcontrollers."""

import numpy as np

# What one step of the input and of the output is worth, and which of the
# numbers from -128 to 127 stands for zero.
INPUT_SCALE, OUTPUT_SCALE, ZERO_POINT = 1.0, 1 / 256, -128


def to_int8(images):
    """Subtracts 128 from pixels.

    Args:
        images: uint8 array.

    Returns:
        int8 array of the same shape.

    Example:

    >>> to_int8(np.array([0, 128, 255], "uint8")).tolist()
    [-128, 0, 127]
    """
    # Turning the highest bit subtracts 128, without larger numbers between.
    return (np.asarray(images, "uint8") ^ 0x80).view("int8")


def to_probabilities(outputs):
    """Returns the probabilities that int8 outputs stand for.

    Args:
        outputs: int8 array.

    Returns:
        float32 array of the same shape, multiples of 1/256 from 0 to 255/256.

    Example:

    >>> to_probabilities(np.array([-128, 0, 127], "int8")).tolist()
    [0.0, 0.5, 0.99609375]
    """
    steps = np.asarray(outputs, "float32") - ZERO_POINT
    return steps * np.float32(OUTPUT_SCALE)


def with_sum_1(probabilities):
    """Divides probabilities by their sum, which rounding moves from 1.

    Args:
        probabilities: float32 array `(pictures, classes)`, as
            `to_probabilities` returns it.

    Returns:
        float32 array of the same shape, whose rows add up to 1. A row of zeros
        becomes the same number for every class: none is more probable.

    Example:

    >>> with_sum_1(np.array([[0.75, 0.75], [0, 0]], "float32")).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    totals = probabilities.sum(axis=1, keepdims=True)
    equal = np.float32(1 / probabilities.shape[1])
    return np.where(totals > 0, probabilities / np.maximum(totals, 1e-9), equal)


def is_int8(inputs, outputs):
    """Returns whether an interpreter takes and gives such numbers.

    Args:
        inputs: Details of the inputs, as an interpreter of LiteRT gives them.
        outputs: Those of the outputs.
    """
    return _are(inputs, INPUT_SCALE) and _are(outputs, OUTPUT_SCALE)


def _are(details, scale):
    return [(x["dtype"], x["quantization"]) for x in details] == [
        (np.int8, (scale, ZERO_POINT))
    ]
