"""Shrinking as TensorFlow operations, as Pillow's bicubic filter does it.

Pillow sums products of pixels and integers of 22 bits after the point, and
rounds. Float32 holds 24 bits. Here pixels are from -128 to 127, which leaves
the sums one more bit. If the frame is two, four or eight times the picture, all
sums are then exact except those of the outermost pixels. Other sums may be
rounded to the other side of a half, so that a number differs from Pillow's by
one: in photographs fewer than one number in ten thousand does.
"""

import numpy as np

from kerasfg.data.pixels.low_resolution import PRECISION_BITS
from kerasfg.data.pixels.low_resolution import coefficients

_GREY = 128  # the middle of the pixels


def shrinking(frame_size, image_size):
    """Returns a function that shrinks a frame as `kerasfg.data.shrink` does.

    The width is shrunk first. Each pass multiplies lines of pixels by one
    constant matrix, rounds, and transposes the result, so that the second pass
    shrinks the height.

    Args:
        frame_size: Side of the frame in pixels.
        image_size: Side of the result in pixels, not more.

    Returns:
        Function from a frame, a uint8 tensor `(1, frame_size, frame_size, 3)`,
        to whole numbers from 0 to 255, float32
        `(1, image_size, image_size, 3)`.
    """

    def shrink(frame):
        import tensorflow as tf

        matrix = _weights(frame_size, image_size)
        # Both passes share it, so that a file holds it once.
        weights = tf.constant(matrix.astype("float32"))
        pixels = tf.reshape(tf.cast(frame, "float32"), (frame_size**2, 3))
        rows = tf.reshape(tf.transpose(pixels), (3 * frame_size, frame_size))
        to_signed = np.full(image_size, -_GREY, "float32")
        # (colour and row, column) -> (column, colour and row)
        narrow = _shrunk(rows, weights, to_signed)
        columns = tf.reshape(narrow, (3 * image_size, frame_size))
        # The weights of a sum do not quite add up to one.
        rest = _GREY * (matrix.sum(axis=0) - 1).astype("float32")
        # (column and colour, row) -> (row, column and colour)
        small = _shrunk(columns, weights, rest) + _GREY
        return tf.reshape(small, (1, image_size, image_size, 3))

    return shrink


def _weights(frame_size, image_size):
    """Returns Pillow's weights, float64 `(frame_size, image_size)`."""
    first, weights = coefficients(frame_size, image_size)
    matrix = np.zeros((image_size, frame_size))
    for row, start, values in zip(matrix, first, weights, strict=True):
        row[start : start + len(values)] = values[: frame_size - start]
    return matrix.T / (1 << PRECISION_BITS)


def _shrunk(lines, weights, bias):
    """Shrinks lines to whole numbers from -128 to 127, halves up as Pillow."""
    import tensorflow as tf

    sums = tf.transpose(tf.matmul(lines, weights) + bias)
    # First the limits: a half that is added first becomes a bias of the
    # product, for which LiteRT takes a path that is three times as slow.
    return tf.floor(tf.clip_by_value(sums, -_GREY, _GREY - 1) + 0.5)
