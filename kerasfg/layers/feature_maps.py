"""Checks and reshapes the feature maps that the poolings take."""

import keras
from keras import ops


def check_maps(layer, input_shape, fewest=1, most=None):
    """Checks the input shapes of a layer, and sets its `input_spec`.

    Args:
        layer: `keras.layers.Layer`.
        input_shape: Shape `(batch, height, width, channels)`, or a list of
            such shapes.
        fewest: Smallest number of maps. Defaults to `1`.
        most: Largest number of maps. Defaults to `None`, meaning any.

    Returns:
        List of the numbers of channels.

    Raises:
        ValueError: If the number of maps or their rank is wrong, their heights
            or widths differ, or their channels are undefined.
    """
    shapes = list_of_shapes(input_shape)
    name = type(layer).__name__
    if len(shapes) < fewest or (most is not None and len(shapes) > most):
        allowed = f"{fewest} or more" if most is None else f"{fewest} or {most}"
        raise ValueError(
            f"{name} takes {allowed} feature maps. "
            f"Received: input_shape={input_shape}"
        )
    if any(len(shape) != 4 for shape in shapes):
        raise ValueError(
            f"{name} takes feature maps of shape (batch, height, width, "
            f"channels). Received: input_shape={input_shape}"
        )
    if any(shape[3] is None for shape in shapes):
        raise ValueError(
            f"The channel dimension of the input to {name} must be defined. "
            f"Received: input_shape={input_shape}"
        )
    for axis in (1, 2):
        if len({shape[axis] for shape in shapes} - {None}) > 1:
            raise ValueError(
                f"The feature maps that {name} takes must be of the same "
                f"height and width. Received: input_shape={input_shape}"
            )
    layer.input_spec = [
        keras.layers.InputSpec(ndim=4, axes={-1: shape[3]}) for shape in shapes
    ]
    return [shape[3] for shape in shapes]


def channels_last(data_format):
    """Returns `"channels_last"`, the only format of the maps.

    Args:
        data_format: Argument of a layer; `None` means that of
            `keras.config.image_data_format()`.

    Raises:
        ValueError: If it is another format.
    """
    chosen = data_format or keras.config.image_data_format()
    if chosen != "channels_last":
        source = "" if data_format else " from keras.config"
        raise ValueError(
            "Feature maps must have their channels last: give them in that "
            "order, and pass data_format='channels_last'. "
            f"Received: data_format={chosen!r}{source}"
        )
    return chosen


def list_of_shapes(input_shape):
    """Returns the shapes of one map or of several as a list of tuples."""
    several = isinstance(input_shape[0], (list, tuple))
    shapes = input_shape if several else [input_shape]
    return [tuple(shape) for shape in shapes]


def position_rows(inputs):
    """Returns each map as float32 `(batch, positions, channels)`, in a list.

    Float32, because a sum of float16 squares overflows.
    """
    rows = []
    for features in keras.tree.flatten(inputs):
        _, height, width, channels = ops.shape(features)
        rows.append(
            ops.reshape(
                ops.cast(features, "float32"), (-1, height * width, channels)
            )
        )
    return rows


def project(rows, matrix):
    """Multiplies `(batch, positions, channels)` rows by `(channels, dim)`.

    One product for the positions of all pictures is fastest.
    """
    _, positions, channels = ops.shape(rows)
    flat = ops.matmul(ops.reshape(rows, (-1, channels)), matrix)
    return ops.reshape(flat, (-1, positions, matrix.shape[1]))
