"""Loads an exported file into its runtime."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING

from kerasfg.export.runtime.file_contents import check_metadata
from kerasfg.export.runtime.file_contents import read_contents

if TYPE_CHECKING:
    from kerasfg.export.runtime.onnx_classifier import ONNXClassifier
    from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier


def load(
    filepath: str | os.PathLike[str],
) -> TFLiteClassifier | ONNXClassifier:
    """Loads an exported classifier into its own runtime, without TensorFlow.

    It runs in this process; `ChildClassifier` runs a file that may crash.

    Args:
        filepath: A `.tflite` file (run by LiteRT) or an `.onnx` file (run by
            onnxruntime). If the `kerasfg.json` in its folder lists the file,
            its SHA-256 must be the one written there.

    Returns:
        A `TFLiteClassifier` or `ONNXClassifier`, with `image_size`,
        `num_classes`, `operators` (sorted names; one that is not builtin or of
        another domain has a colon) and `predict(images)`.

    Raises:
        ValueError: If the file is missing, not a model, not whole, too large,
            or not a classifier with one uint8 picture in and float32
            probabilities out.
        OSError: If it cannot be read.

    Example:

    ```python
    classifier = kerasfg.export.load("exported/model.tflite")
    probabilities = classifier.predict(images)  # uint8 (pictures, N, N, 3)
    ```
    """
    filepath = pathlib.Path(filepath)
    contents, _ = read_contents(filepath)
    try:
        classifier = runtime_of(filepath.suffix[1:])(contents)
    except ValueError as error:
        raise ValueError(f"{filepath}: {error}") from error
    check_metadata(filepath, contents)
    return classifier


def runtime_of(format_):
    """Returns the class that runs a format.

    `TFLiteClassifier` for `"tflite"`, `TFLMClassifier` for `"micro"`,
    `ONNXClassifier` for `"onnx"`.
    """
    if format_ == "micro":
        from kerasfg.export.micro.tflm_classifier import TFLMClassifier

        return TFLMClassifier
    if format_ == "tflite":
        from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier

        return TFLiteClassifier
    from kerasfg.export.runtime.onnx_classifier import ONNXClassifier

    return ONNXClassifier
