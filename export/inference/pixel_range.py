"""Scales the pixels of the phone to the input range of a model."""

import dataclasses
from collections.abc import Callable

import numpy as np

from kerasfg.export.inference.first_layers import why_no_pixels
from kerasfg.export.inference.known_models import image_converter
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.export.inference.picture_size import takes_grey

INPUT_RANGES = ((0, 255), (0, 1), (-1, 1))

# Of red, green and blue in grey (ITU-R BT.601), as in JPEG and in Pillow.
_GREY = np.array([0.299, 0.587, 0.114], "float32")


@dataclasses.dataclass(frozen=True, eq=False)
class PixelScaling:
    """The conversion of pixels from 0 to 255 to the input of a model.

    Attributes:
        scale: Factor of the pixels: float32 array of one number, or of one
            number per channel.
        offset: Number that is added to the product, an array like `scale`.
        prepare: Function that converts float32 pixels in another way, for the
            comparison with Keras.
        grey: Whether colours become one channel of grey before that.
    """

    scale: np.ndarray
    offset: np.ndarray
    prepare: Callable
    grey: bool = False

    def apply(self, pixels):
        """Converts pixels in a float32 tensor."""
        if self.grey:
            from keras import ops

            pixels = ops.sum(pixels * _GREY, axis=-1, keepdims=True)
        if np.any(self.scale != 1):
            pixels = pixels * self.scale
        if np.any(self.offset != 0):
            pixels = pixels + self.offset
        return pixels


def check_input_range(input_range):
    """Checks the argument `input_range`.

    Args:
        input_range: One of `INPUT_RANGES`, a string such as `"0,255"`, or
            `None`.

    Returns:
        One of `INPUT_RANGES`, or `None`.

    Raises:
        ValueError: If it has another value.
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
    """Finds the conversion of pixels to the input of a model.

    Args:
        model: `keras.Model`.
        input_range: Smallest and largest number that the model takes, one of
            `INPUT_RANGES`. Defaults to `None`: found from the model. The range
            is 0 to 255 for kerasfg's own models, for models whose first layer
            is a `Rescaling` or `Normalization` of such numbers, and for uint8
            inputs. A KerasHub classifier has a preprocessor.

    Returns:
        A `PixelScaling`.

    Raises:
        ValueError: If the range cannot be found from the model.
    """
    scaling = _pixel_scaling(model, check_input_range(input_range))
    if not takes_grey(model):
        return scaling

    def prepare(pixels):
        grey = (pixels * _GREY).sum(axis=-1, keepdims=True)
        return scaling.prepare(grey.astype("float32"))

    return dataclasses.replace(scaling, prepare=prepare, grey=True)


def _pixel_scaling(model, input_range):
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
            f"The model takes integers ({dtype}), so `input_range` must be "
            f"(0, 255). Received: input_range={(low, high)}"
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
            f"The preprocessor '{type(converter).__name__}' converts pixels by "
            "more than its scale and offset"
        )

    def prepare(pixels):
        return np.asarray(model.preprocessor(pixels), "float32")

    return PixelScaling(scale, offset, prepare)


def _constants(value, default):
    """Returns one or three numbers as a float32 array, otherwise `None`."""
    try:
        value = np.asarray(default if value is None else value, "float32")
    except (TypeError, ValueError):
        return None
    fits = value.size in (1, 3) and value.ndim < 2 and np.isfinite(value).all()
    return value if fits else None


def _ask(reason):
    return OpenQuestion(
        reason,
        "input_range",
        "the range of the pixels in its training: 0,255 or 0,1 or -1,1",
    )
