"""From the pixels of the phone to the numbers that a model takes."""

import dataclasses
from collections.abc import Callable

import numpy as np

from kerasfg.export.inference.first_layers import why_no_pixels
from kerasfg.export.inference.known_models import image_converter
from kerasfg.export.inference.known_models import is_own_model

INPUT_RANGES = ((0, 255), (0, 1), (-1, 1))


@dataclasses.dataclass(frozen=True, eq=False)
class PixelScaling:
    """What is done to pixels, 0 to 255, before a model gets them.

    Attributes:
        scale: What they are multiplied by: float32 array of one number, or of
            one per channel.
        offset: What is added then.
        prepare: Function that does the same to float32 pixels in another way,
            for the comparison with Keras.
    """

    scale: np.ndarray
    offset: np.ndarray
    prepare: Callable

    def apply(self, pixels):
        """Returns what the model takes, of a float32 TensorFlow tensor."""
        if np.any(self.scale != 1):
            pixels = pixels * self.scale
        if np.any(self.offset != 0):
            pixels = pixels + self.offset
        return pixels


def check_input_range(input_range):
    """Checks the argument `input_range`.

    Args:
        input_range: One of `INPUT_RANGES`, or such as `"0,255"`; or `None`.

    Returns:
        One of `INPUT_RANGES`, or `None`.

    Raises:
        ValueError: If it is anything else.
    """
    if input_range is None:
        return None
    numbers = input_range
    if isinstance(numbers, str):
        numbers = numbers.split(",")
    try:
        numbers = tuple(float(number) for number in numbers)
    except (TypeError, ValueError):
        numbers = None
    if numbers not in INPUT_RANGES:
        raise ValueError(
            "`input_range` must be (0, 255), (0, 1) or (-1, 1). "
            f"Received: input_range={input_range!r}"
        )
    return INPUT_RANGES[INPUT_RANGES.index(numbers)]


def pixel_scaling(model, input_range=None):
    """Finds what a model wants done to pixels before it gets them.

    Args:
        model: `keras.Model`.
        input_range: Smallest and largest number that it takes, one of
            `INPUT_RANGES`. Defaults to `None`: as the model shows. kerasfg's
            own models take 0 to 255, and so does one whose first layer is a
            `Rescaling` or `Normalization` of such numbers, or whose input is
            uint8; a KerasHub classifier has a preprocessor.

    Returns:
        A `PixelScaling`.

    Raises:
        ValueError: If the model does not show it.
    """
    input_range = check_input_range(input_range)
    if input_range is not None:
        return _of_range(model, *input_range)
    converter = image_converter(model)
    if converter is not None:
        return _of_converter(model, converter)
    if not is_own_model(model) and _input_dtype(model) != "uint8":
        reason = why_no_pixels(model)
        if reason:
            raise _ask(reason)
    return _of_range(model, 0, 255)


def _of_range(model, low, high):
    dtype = _input_dtype(model)
    if "int" in dtype and (low, high) != (0, 255):
        raise ValueError(
            f"The model takes whole numbers ({dtype}), which can only be "
            f"pixels from 0 to 255. Received: input_range={(low, high)}"
        )
    span = high - low

    def prepare(pixels):
        return low + pixels * span / 255

    return PixelScaling(np.float32(span / 255), np.float32(low), prepare)


def _input_dtype(model):
    inputs = getattr(model, "inputs", None)
    return inputs[0].dtype if inputs else "float32"


def _of_converter(model, converter):
    scale = _constants(converter.scale, 1)
    offset = _constants(converter.offset, 0)
    last = converter.data_format == "channels_last"
    if scale is None or offset is None or not last:
        raise _ask(
            f"What the preprocessor '{type(converter).__name__}' does to "
            "pixels cannot be read off its scale and offset"
        )

    def prepare(pixels):
        return np.asarray(model.preprocessor(pixels), "float32")

    return PixelScaling(scale, offset, prepare)


def _constants(value, default):
    """One number or three as a float32 array; `None` for anything else."""
    try:
        value = np.asarray(default if value is None else value, "float32")
    except (TypeError, ValueError):
        return None
    fits = value.size in (1, 3) and value.ndim < 2 and np.isfinite(value).all()
    return value if fits else None


def _ask(found):
    return ValueError(
        f"{found}: give `input_range`, (0, 255), (0, 1) or (-1, 1), whichever "
        "the model was trained with, or put what is done to pixels into the "
        "model. Received: input_range=None"
    )
