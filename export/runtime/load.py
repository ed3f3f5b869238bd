"""Exported files, run as a phone runs them."""

import hashlib
import pathlib

from kerasfg.export.manifest import MANIFEST
from kerasfg.export.manifest import read_manifest

MAX_BYTES = 512 * 2**20


def load(filepath):
    """Loads an exported classifier into its own runtime, without TensorFlow.

    Args:
        filepath: A `.tflite` file (run by LiteRT) or an `.onnx` file (run by
            onnxruntime). If the `kerasfg.json` beside it lists the file, its
            SHA-256 must be the one written there.

    Returns:
        A `TFLiteClassifier` or `ONNXClassifier`, with `image_size`,
        `num_classes`, `operators` (sorted names; one that is not builtin or of
        another domain has a colon) and `predict(images)`.

    Raises:
        ValueError: If the file is not a model, not whole, too large, or not a
            classifier with one uint8 picture in and float32 probabilities out.
        OSError: If it cannot be read.

    Example:

    ```python
    classifier = kerasfg.export.load("exported/model.tflite")
    probabilities = classifier.predict(images)  # uint8 (pictures, N, N, 3)
    ```
    """
    filepath = pathlib.Path(filepath)
    if filepath.suffix == ".tflite":
        from kerasfg.export.runtime.tflite_classifier import (
            TFLiteClassifier as Classifier,
        )
    elif filepath.suffix == ".onnx":
        from kerasfg.export.runtime.onnx_classifier import (
            ONNXClassifier as Classifier,
        )
    else:
        raise ValueError(
            "An exported model ends in .tflite or .onnx. "
            f"Received: filepath={filepath}"
        )
    contents = _read(filepath)
    try:
        return Classifier(contents)
    except ValueError as error:
        raise ValueError(f"{filepath}: {error}") from error


def _read(filepath):
    size = filepath.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(
            f"{filepath}: a model for a phone is smaller than "
            f"{MAX_BYTES // 2**20} MiB. Received: {size} bytes"
        )
    contents = filepath.read_bytes()
    manifest = read_manifest(filepath.parent) or {}
    listed = manifest.get("files", {}).get(filepath.name)
    digest = hashlib.sha256(contents).hexdigest()
    if listed is not None and listed.get("sha256") != digest:
        raise ValueError(
            f"{filepath} is not the file that was verified: its SHA-256 is "
            f"not the one in the {MANIFEST} beside it. Export it again."
        )
    return contents
