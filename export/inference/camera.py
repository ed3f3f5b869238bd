"""Makes a graph that shrinks a camera frame with exactly Pillow's results."""

import dataclasses
import numbers

import numpy as np

from kerasfg.data.pixels.low_resolution import coefficients
from kerasfg.export.inference.inference_graph import OUTPUT
from kerasfg.export.inference.inference_graph import trace

# Filter weights are fixed-point integers with 22 bits after the point. Sums of
# their products with pixels do not fit into float32 exactly, but those of their
# upper and lower halves do.
_HALF = 1 << 11
_EXACT = 1 << 24


def camera_graph(graph, frame_size):
    """Returns a graph whose input is a larger frame, such as of a camera app.

    Args:
        graph: `InferenceGraph` for pictures of N pixels.
        frame_size: Width and height of a frame, in pixels: more than N, and at
            most about 30 times N.

    Returns:
        An `InferenceGraph` whose `function` takes a frame, uint8
        `(1, frame_size, frame_size, 3)`, and shrinks it to N x N with exactly
        the results of `kerasfg.data.shrink`. Its `predict` still takes
        pictures of N pixels.

    Raises:
        ValueError: If `frame_size` is out of this range.
    """
    size = graph.image_size
    if not isinstance(frame_size, numbers.Integral) or frame_size <= size:
        raise ValueError(
            "The frame must be larger than the network's input of "
            f"{size} pixels. Received: camera={frame_size}"
        )
    halves = _halves(int(frame_size), size)

    def serve(image):
        import tensorflow as tf

        pixels = _shrink(tf.cast(image, "float32"), halves)
        outputs = graph.model(graph.scaling.apply(pixels), training=False)
        return {OUTPUT: graph.head.apply(outputs)}

    function = trace(serve, int(frame_size))
    return dataclasses.replace(graph, function=function)


def _halves(frame_size, size):
    """Returns the upper and lower halves of the filter's integer weights."""
    first, weights = coefficients(frame_size, size)
    matrix = np.zeros((size, frame_size), "int64")
    for row, start, values in zip(matrix, first, weights, strict=True):
        row[start : start + len(values)] = values[: frame_size - start]
    upper = (matrix + _HALF // 2) // _HALF
    lower = matrix - upper * _HALF
    if 255 * np.abs(lower).sum(axis=1).max() >= _EXACT:
        raise ValueError(
            "The frame must be at most about 30 times the network's input of "
            f"{size} pixels. Received: camera={frame_size}"
        )
    return np.concatenate([upper, lower]).astype("float32")


def _shrink(frame, halves):
    """Shrinks the width, then the height, and rounds after each to integers."""
    import tensorflow as tf

    count, size = frame.shape[1], len(halves) // 2
    rows = tf.reshape(tf.transpose(frame[0], (0, 2, 1)), (-1, count))
    columns = _rounded(tf.split(tf.matmul(rows, halves.T), 2, axis=1))
    columns = tf.reshape(columns, (count, 3 * size))
    pixels = _rounded(tf.split(tf.matmul(halves, columns), 2, axis=0))
    pixels = tf.reshape(pixels, (1, size, 3, size))
    return tf.transpose(pixels, (0, 1, 3, 2))


def _rounded(halves):
    """Computes `(2048 * upper + lower + 2 ** 21) >> 22`, clipped, exactly."""
    import tensorflow as tf

    upper, lower = halves
    values = upper + tf.floor(lower / _HALF) + _HALF // 2
    return tf.clip_by_value(tf.floor(values / _HALF), 0.0, 255.0)
