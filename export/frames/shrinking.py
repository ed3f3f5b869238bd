"""Shrinking as TensorFlow operations, with exactly Pillow's results.

Pillow multiplies pixels by integers of 22 bits after the point, and rounds.
Float32 holds 24 bits, so that such sums may not fit. Pixels from -128 to 127
in place of 0 to 255 spare a bit: if the frame is two, four or eight times the
picture, all sums fit but those at the borders. A weight of the others is
divided into an upper and a lower part; the sums of both are exact, and `floor`
of the lower one is all that the rounding needs.
"""

import numpy as np

from kerasfg.data.pixels.low_resolution import PRECISION_BITS
from kerasfg.data.pixels.low_resolution import coefficients

_LOWER_BITS = 8
_LOWER = 1 << _LOWER_BITS
_ONE = 1 << PRECISION_BITS
_EXACT = 1 << 24  # integers up to here are float32 numbers
_GREY = 128  # the middle of the pixels


def shrinking(frame_size, image_size):
    """Returns a function that shrinks a frame as `kerasfg.data.shrink` does.

    The width is shrunk first. Each pass is a product of rows of pixels with a
    constant matrix, rounded; between them matrices are transposed, which costs
    less than an axis of three colours would.

    Args:
        frame_size: Side of the frame in pixels.
        image_size: Side of the result in pixels, not more.

    Returns:
        Function from a frame, a uint8 tensor `(1, frame_size, frame_size, 3)`,
        to whole numbers from 0 to 255, float32
        `(1, image_size, image_size, 3)`.
    """
    parts = divided_weights(frame_size, image_size)

    def shrink(frame):
        import tensorflow as tf

        main, lower, rest, places = parts
        # Both passes share these, so that a file holds them once.
        weights = [tf.constant(x) for x in (main.T, lower.T, rest, places.T)]
        pixels = tf.cast(frame, "float32") - _GREY
        pixels = tf.reshape(pixels, (frame_size, 3 * frame_size))
        columns = tf.reshape(tf.transpose(pixels), pixels.shape)
        # A line is a row of one colour.
        narrow = _rounded(_product(tf.transpose(columns), *weights))
        columns = tf.reshape(tf.transpose(narrow), (3 * image_size, frame_size))
        # Now a line is a column of one colour.
        small = _rounded(_product(columns, *weights)) + _GREY
        return tf.reshape(tf.transpose(small), (1, image_size, image_size, 3))

    return shrink


def divided_weights(frame_size, image_size):
    """Divides Pillow's weights so that all sums are exact in float32.

    Args:
        frame_size: Length before shrinking.
        image_size: Length after it, `N`.

    Returns:
        `(main, lower, rest, places)`, float32 arrays `(N, frame_size)`,
        `(rows, 2 * width)`, `(rows,)` and `(N, rows)`. For values `x` from
        -128 to 127, and `ends` the first and the last `width` of them, the
        shrunk ones are `main @ x + places @ floor(lower @ ends + rest)`, which
        differ from Pillow's by less than its rounding sees.
    """
    first, weights = coefficients(frame_size, image_size)
    matrix = np.zeros((image_size, frame_size), "int64")
    for row, start, values in zip(matrix, first, weights, strict=True):
        row[start : start + len(values)] = values[: frame_size - start]
    divided = np.flatnonzero([not _is_exact(row) for row in matrix])
    # The weights of a row do not quite add up to one.
    rest = _GREY * (matrix[divided].sum(axis=1) - _ONE)
    upper = (matrix[divided] + _LOWER // 2) // _LOWER * _LOWER
    lower = matrix[divided] - upper
    matrix[divided] = upper
    places = np.zeros((image_size, len(divided)))
    places[divided, np.arange(len(divided))] = _LOWER / _ONE
    lower = _ends(lower, _width(lower), np.concatenate)
    parts = matrix / _ONE, lower / _LOWER, rest / _LOWER, places
    return tuple(part.astype("float32") for part in parts)


def _is_exact(weights):
    """Whether sums of products with pixels fit into float32 as they are."""
    unit = np.gcd.reduce(weights)
    unit &= -unit  # the largest power of two in it
    fits = _GREY * np.abs(weights).sum() < _EXACT * unit
    return fits and weights.sum() == _ONE


def _width(lower):
    """Returns how far from either end the columns are that are not zero."""
    columns = np.flatnonzero(lower.any(axis=0))
    length = lower.shape[1]
    farthest = np.minimum(columns, length - 1 - columns).max(initial=-1)
    return min(int(farthest) + 1, length // 2)


def _ends(values, width, concatenate):
    """Returns the first and the last `width` columns, or all there are."""
    if 2 * width >= values.shape[1] - 1:
        return values
    return concatenate([values[:, :width], values[:, -width:]], axis=1)


def _product(values, main, lower, rest, places):
    """Multiplies rows of values by transposed `divided_weights`."""
    import tensorflow as tf

    sums = tf.matmul(values, main)
    if not lower.shape[1]:
        return sums
    ends = _ends(values, lower.shape[0] // 2, tf.concat)
    return sums + tf.matmul(tf.floor(tf.matmul(ends, lower) + rest), places)


def _rounded(values):
    """Rounds to whole numbers from -128 to 127, halves up as Pillow does."""
    import tensorflow as tf

    # First the limits: a half that is added first becomes a bias of the
    # product, for which LiteRT takes a path that is three times as slow.
    return tf.floor(tf.clip_by_value(values, -_GREY, _GREY - 1) + 0.5)
