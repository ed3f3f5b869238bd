"""Finds the size of a model's input pictures."""

import numbers

from kerasfg.export.inference.known_models import image_converter
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.manifest_rules.fitted import MAX_SIZE


def picture_size(model, image_size=None):
    """Finds N of a model whose input is `(batch, N, N, 3)`, or 1 for grey.

    Args:
        model: `keras.Model`. For a KerasHub classifier without a fixed size, N
            is the size that its preprocessor resizes to.
        image_size: N, for a model that takes pictures of any size. Defaults to
            `None`: the model has a fixed size.

    Returns:
        Width and height, in pixels.

    Raises:
        ValueError: If the input is not square pictures of one fixed size.
    """
    check_image_size(image_size)
    shape = _input_shape(model)
    if None in shape[1:3] and len(shape) == 4:
        size = _converted_size(model)
        if None in size:
            size = (image_size, image_size)
        shape = (
            shape[0],
            *(a or b for a, b in zip(shape[1:3], size, strict=True)),
            shape[3],
        )
    if None in shape[1:3] and len(shape) == 4:
        raise OpenQuestion(
            "A classifier needs one fixed picture size, but this one has the "
            f"input_shape={shape}{_of_layer(model)}",
            "image_size",
            "the side in pixels that it was trained at",
        )
    reason = _refusal(shape)
    if reason:
        raise ValueError(
            "Only a model of square colour pictures can be exported, input "
            f"shape (None, N, N, 3); {reason}. "
            f"Received: input_shape={shape}{_of_layer(model)}"
        )
    if image_size not in (None, shape[1]):
        raise ValueError(
            f"The model takes pictures of {shape[1]} pixels: leave out "
            f"`image_size`. Received: image_size={image_size}"
        )
    return shape[1]


def check_image_size(image_size):
    """Raises `ValueError` unless it is `None` or an allowed side in pixels."""
    if image_size is not None and not (
        isinstance(image_size, numbers.Integral) and 1 <= image_size <= MAX_SIZE
    ):
        raise ValueError(
            f"`image_size` must be a whole number from 1 to {MAX_SIZE}. "
            f"Received: image_size={image_size!r}"
        )


def takes_grey(model):
    """Returns whether a model takes pictures of one channel."""
    shape = _input_shape(model)
    return len(shape) == 4 and shape[3] == 1


def _input_shape(model):
    shape = getattr(model, "input_shape", None)
    if shape is None:  # a subclass that was called or built
        shape = (model.get_build_config() or {}).get("input_shape")
        shape = shape and (None, *shape[1:])
    if shape is None:
        raise ValueError(
            "The model's input size is not known: build it from a "
            "`keras.Input((N, N, 3))`, or call it on a picture once. "
            "Received: a model without `input_shape`"
        )
    if not isinstance(shape, tuple) or isinstance(shape[0], (tuple, list)):
        raise ValueError(
            "Only a model with one input, the picture, can be exported. "
            f"Received: input_shape={shape}"
        )
    return shape


def _converted_size(model):
    converter = image_converter(model)
    size = converter.image_size if converter is not None else None
    return size or (None, None)


def _refusal(shape):
    batch, *size = shape
    if len(size) != 3:
        return "this input is not a picture"
    if size[0] in (1, 3) and size[1] == size[2] > 3:
        return 'the channels must be last, data_format="channels_last"'
    if size[2] not in (1, 3):
        return f"the camera gives 3 channels, not {size[2]}"
    if size[0] != size[1]:
        return "the phone cuts a square out of the middle of a picture"
    if size[0] > MAX_SIZE:
        return f"a side has at most {MAX_SIZE} pixels"
    if batch not in (None, 1):
        return (
            "the phone classifies one picture at a time: give the model an "
            "input of any batch size, as by `keras.Sequential([keras.Input(("
            f"{size[0]}, {size[1]}, {size[2]})), model])`, and save that"
        )
    return None


def _of_layer(model):
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return ""
    return f" of layer '{inputs[0]._keras_history.operation.name}'"
