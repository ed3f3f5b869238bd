"""Finds the size of a model's input pictures."""

from kerasfg.export.inference.known_models import image_converter


def picture_size(model):
    """Finds N of a model whose input is `(batch, N, N, 3)`.

    Args:
        model: `keras.Model`. For a KerasHub classifier without a fixed size, N
            is the size that its preprocessor resizes to.

    Returns:
        Width and height, in pixels.

    Raises:
        ValueError: If the input is not square colour pictures of one fixed
            size.
    """
    shape = _input_shape(model)
    if None in shape[1:]:
        shape = (shape[0], *_converted_size(model), *shape[3:])
    if None in shape[1:]:
        raise ValueError(
            "The phone needs a fixed picture size: build the model from a "
            "`keras.Input((N, N, 3))` with the size it was trained at. "
            f"Received: input_shape={shape}{_of_layer(model)}"
        )
    reason = _refusal(shape)
    if reason:
        raise ValueError(
            "Only a model of square colour pictures can be exported, input "
            f"shape (None, N, N, 3); {reason}. "
            f"Received: input_shape={shape}{_of_layer(model)}"
        )
    return shape[1]


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
    if size[0] == 3 and size[1] == size[2] != 3:
        return 'the channels must be last, data_format="channels_last"'
    if size[2] == 1:
        return (
            "the camera gives red, green and blue: add a first layer that "
            "converts them to grey"
        )
    if size[2] != 3:
        return f"the camera gives 3 channels, not {size[2]}"
    if size[0] != size[1]:
        return "the phone cuts a square out of the middle of a picture"
    if batch not in (None, 1):
        return "the phone classifies one picture at a time"
    return None


def _of_layer(model):
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return ""
    return f" of layer '{inputs[0]._keras_history.operation.name}'"
