"""Quantizes a float32 file to make it smaller and faster."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from kerasfg.export.quantization.quantize_onnx import quantize_onnx
from kerasfg.export.quantization.quantize_tflite import quantize_tflite
from kerasfg.export.runtime.contract import check_images
from kerasfg.export.runtime.onnx_classifier import ONNXClassifier
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier

VARIANTS = {
    "tflite": ("float16", "dynamic", "int8", "mixed"),
    "onnx": ("float16", "int8"),
}
CALIBRATED = ("int8", "mixed")


def quantize(
    contents: bytes,
    variant: Literal["float16", "dynamic", "int8", "mixed"],
    images: npt.NDArray[np.uint8] | None = None,
) -> bytes:
    """Quantizes a float32 `.tflite` or `.onnx` file.

    The input and output do not change: one uint8 picture and float32
    probabilities. Only builtin operators are used. The result is determined by
    the file and the pictures. Add metadata afterwards, since quantizing drops
    it.

    | variant | weights | computes in | bytes |
    | --- | --- | --- | --- |
    | `"float16"` | float16 | float32 | 1/2 |
    | `"dynamic"` | int8, depthwise float16 | int8, scaled at runtime | 2/7 |
    | `"int8"` | int8 | int8 | 2/7 |
    | `"mixed"` | int8 | int8, the head like `"dynamic"` | 2/7 |

    Operations before the first convolution stay in float32. So do operations
    after the last convolution that lose too much accuracy in eight bits, also
    in `"int8"`: squares, roots, divisions and the softmax. In ONNX, `"int8"`
    is static QDQ, per channel. Which variant is fastest depends on the network
    and the phone, so measure them.

    Args:
        contents: Bytes of the float32 file.
        variant: One of the table, for `.onnx` `"float16"` or `"int8"`.
        images: Training pictures for measuring ranges of values, uint8
            `(pictures, N, N, 3)`; see `calibration_rows`. Needed by `"int8"`
            and `"mixed"`, ignored by the others. Defaults to `None`.

    Returns:
        Bytes of the quantized file, which has not been run yet.

    Raises:
        ValueError: If `contents` is not a classifier, there is no such
            variant, the pictures are missing or have another size, or the
            quantizer fails.

    Example:

    ```python
    rows = calibration_rows(labels, splits)
    contents = pathlib.Path("exported/model.tflite").read_bytes()
    int8 = quantize(contents, "int8", images[rows])
    pathlib.Path("model_int8.tflite").write_bytes(int8)
    ```
    """
    tflite = contents[4:8] == b"TFL3"
    _check_variant("tflite" if tflite else "onnx", variant)
    classifier = (TFLiteClassifier if tflite else ONNXClassifier)(contents)
    if variant in CALIBRATED:
        if images is None:
            raise ValueError(
                f"Variant {variant!r} needs training pictures to measure "
                "ranges of values; `calibration_rows` chooses some. "
                "Received: images=None"
            )
        images = _sorted(check_images(images, classifier.image_size))
    make = quantize_tflite if tflite else quantize_onnx
    try:
        return make(contents, variant, images)
    except Exception as error:  # the quantizers raise errors of many types
        raise ValueError(
            f"The model cannot be quantized to {variant}: {error}"
        ) from error


def _sorted(images):
    """What is added up rounds alike, in whatever order they were given."""
    return np.stack(sorted(images, key=lambda image: image.tobytes()))


def _check_variant(suffix, variant):
    if variant not in VARIANTS[suffix]:
        raise ValueError(
            f"The variant of a .{suffix} file must be one of "
            f"{', '.join(VARIANTS[suffix])}. Received: variant={variant!r}"
        )
