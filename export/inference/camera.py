"""A larger frame, shrunk inside the graph to the last bit as Pillow does."""

import dataclasses
import numbers

import numpy as np

from kerasfg.data.pixels.low_resolution import coefficients
from kerasfg.export.inference.inference_graph import OUTPUT
from kerasfg.export.inference.inference_graph import trace

# The weights of a filter are whole numbers of 22 bits after the point, and the
# sums of their products with pixels take more bits than float32 has. Their
# upper and lower halves do not.
_HALF = 1 << 11
_EXACT = 1 << 24


def camera_graph(graph, frame_size):
    """Makes the graph take a larger frame, such as a camera app feeds.

    Args:
        graph: `InferenceGraph` for pictures of N pixels.
        frame_size: Width and height of a frame, in pixels: more than N, and at
            most some 30 times N.

    Returns:
        An `InferenceGraph` whose `function` takes a frame, uint8
        `(1, frame_size, frame_size, 3)`, and shrinks it to N x N bit for bit as
        `kerasfg.data.shrink` does. Its `predict` takes pictures of N pixels as
        before.

    Raises:
        ValueError: If there is no such graph of that frame size.
    """
    size = graph.image_size
    if not isinstance(frame_size, numbers.Integral) or frame_size <= size:
        raise ValueError(
            "The frame must be larger than what the network sees, which is "
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
    """The filter as two matrices of whole numbers, one above the other."""
    first, weights = coefficients(frame_size, size)
    matrix = np.zeros((size, frame_size), "int64")
    for row, start, values in zip(matrix, first, weights, strict=True):
        row[start : start + len(values)] = values[: frame_size - start]
    upper = (matrix + _HALF // 2) // _HALF
    lower = matrix - upper * _HALF
    if 255 * np.abs(lower).sum(axis=1).max() >= _EXACT:
        raise ValueError(
            "The frame must be at most some 30 times what the network sees, "
            f"which is {size} pixels. Received: camera={frame_size}"
        )
    return np.concatenate([upper, lower]).astype("float32")


def _shrink(frame, halves):
    """The width first, then the height, each rounded to whole grey levels."""
    import tensorflow as tf

    count, size = frame.shape[1], len(halves) // 2
    rows = tf.reshape(tf.transpose(frame[0], (0, 2, 1)), (-1, count))
    columns = _rounded(tf.split(tf.matmul(rows, halves.T), 2, axis=1))
    columns = tf.reshape(columns, (count, 3 * size))
    pixels = _rounded(tf.split(tf.matmul(halves, columns), 2, axis=0))
    pixels = tf.reshape(pixels, (1, size, 3, size))
    return tf.transpose(pixels, (0, 1, 3, 2))


def _rounded(halves):
    """`(2048 * upper + lower + 2 ** 21) >> 22`, clipped; exact in float32."""
    import tensorflow as tf

    upper, lower = halves
    values = upper + tf.floor(lower / _HALF) + _HALF // 2
    return tf.clip_by_value(tf.floor(values / _HALF), 0.0, 255.0)
