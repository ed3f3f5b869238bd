"""Removes the familiarity from an exported file, whatever its format."""

from kerasfg.export.familiarity import onnx_head
from kerasfg.export.familiarity import tflite_head


def without_familiarity(contents):
    """Returns a file whose only output is the probabilities.

    Args:
        contents: Bytes of a `.tflite` or `.onnx` file without metadata.

    Returns:
        Bytes of the file without the familiarity and what only that needs; the
        same bytes if it has none.
    """
    is_tflite = contents[4:8] == b"TFL3"
    part = tflite_head if is_tflite else onnx_head
    return part.without_familiarity(contents)
