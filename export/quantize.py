"""Smaller and faster files from a float32 one."""

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
    """Makes a smaller file of a float32 `.tflite` or `.onnx` file.

    It takes and gives what the float32 file does: one picture, uint8, and
    float32 probabilities, by builtin operators. The same file and pictures give
    the same bytes. Metadata is to be attached afterwards.

    | variant | weights | computes in | bytes |
    | --- | --- | --- | --- |
    | `"float16"` | float16 | float32 | 1/2 |
    | `"dynamic"` | int8, depthwise float16 | int8, as each map comes | 2/7 |
    | `"int8"` | int8 | int8 | 2/7 |
    | `"mixed"` | int8 | int8, the head as `"dynamic"` | 2/7 |

    What comes before the first convolution stays in float32. So do the
    operations behind the last one that eight bits do not carry: squares, roots,
    divisions and the softmax, in `"int8"` as well. On ONNX `"int8"` is static
    QDQ, per channel. Which is fastest depends on the network and the phone:
    measure.

    Args:
        contents: Bytes of the float32 file.
        variant: For `.tflite` `"float16"`, `"dynamic"`, `"int8"` or `"mixed"`;
            for `.onnx` `"float16"` or `"int8"`.
        images: Training pictures that show the ranges of values, uint8
            `(pictures, N, N, 3)`; see `calibration_rows`. Needed by `"int8"`
            and `"mixed"`, ignored by the others. Defaults to `None`.

    Returns:
        The bytes of the file, not run so far.

    Raises:
        ValueError: If `contents` is no classifier, there is no such variant,
            the pictures are missing or of another size, or the quantizer
            fails.

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
                f"Variant {variant!r} needs training pictures that show the "
                "ranges of values; `calibration_rows` picks some. "
                "Received: images=None"
            )
        images = check_images(images, classifier.image_size)
    make = quantize_tflite if tflite else quantize_onnx
    try:
        return make(contents, variant, images)
    except Exception as error:  # the quantizers raise any
        raise ValueError(
            f"The model cannot be made {variant}: {error}"
        ) from error


def _check_variant(suffix, variant):
    if variant not in VARIANTS[suffix]:
        raise ValueError(
            f"A .{suffix} file can be made {', '.join(VARIANTS[suffix])}. "
            f"Received: variant={variant!r}"
        )
