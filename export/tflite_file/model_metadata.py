"""The table of TensorFlow Lite Model Metadata: a model's input and output.

The slots are those of the schema in MediaPipe's
`mediapipe/tasks/metadata/metadata_schema.fbs`.
"""

import numpy as np

from kerasfg.export.inference.inference_graph import INPUT
from kerasfg.export.inference.inference_graph import OUTPUT
from kerasfg.export.runtime.contract import FAMILIARITY
from kerasfg.export.tflite_file.flatbuffer import MAX_BYTES
from kerasfg.export.tflite_file.flatbuffer import Table
from kerasfg.export.tflite_file.flatbuffer import write_flatbuffer

_IDENTIFIER = b"M001"
_PARSER = "1.0.0"  # the first version supports all fields that are written
_AXIS_LABELS = 2
_IMAGE = 2
_FEATURE = 1
_RGB = 1
_NORMALIZATION = 1
# Slots of a model's texts.
_TEXTS = {"name": 0, "description": 1, "version": 2, "author": 4, "license": 5}


def encode_metadata(texts, image_size, labels, files, familiarity=False):
    """Writes the metadata of a classifier of uint8 pictures.

    Args:
        texts: Dictionary of `name`, `description`, `version`, `author` and
            `license`. Empty texts are left out.
        image_size: Height and width of the input, in pixels.
        labels: Name of the file of labels.
        files: Names of the other files.
        familiarity: Whether the familiarity is a second output. Defaults to
            `False`.

    Returns:
        The bytes of the flatbuffer.

    Raises:
        ValueError: If it is larger than 1 MiB, the limit of `Table`.
    """
    inputs = {
        0: INPUT,
        1: "Red, green and blue from 0 to 255; shrink with antialiasing",
        3: _content(_IMAGE, _image_properties(image_size)),
        4: [_normalization()],
        5: _stats(0, 255),
    }
    outputs = {
        0: OUTPUT,
        1: "Probability of each class",
        3: _content(_FEATURE, {}),
        5: _stats(0, 1),
        6: [{0: labels, 1: "Names of the classes", 2: np.uint8(_AXIS_LABELS)}],
    }
    root = {slot: texts[key] for key, slot in _TEXTS.items() if texts[key]}
    known = {
        0: FAMILIARITY,
        1: "How familiar the picture is: known from 0.5 on",
        3: _content(_FEATURE, {}),
        5: _stats(0, 1),
    }
    root[3] = [{2: [inputs], 3: [outputs, *([known] * familiarity)]}]
    root[6] = [{0: name} for name in files]
    root[7] = _PARSER
    contents = write_flatbuffer(root, _IDENTIFIER)
    if len(contents) > MAX_BYTES:
        raise ValueError(
            f"The texts of the metadata must be shorter than {MAX_BYTES} "
            f"bytes. Received: {len(contents)} bytes"
        )
    return contents


def decode_metadata(contents):
    """Reads metadata that may be malicious.

    Args:
        contents: Bytes of the flatbuffer.

    Returns:
        `(texts, image_size, labels, files)` as `encode_metadata` takes them.
        `image_size` is `None` if it is missing or not square; `labels` is
        `None` if there is no such file.

    Raises:
        ValueError: If the bytes are not metadata, or broken.
    """
    if contents[4:8] != _IDENTIFIER:
        raise ValueError(
            "the metadata is of an unknown kind. "
            f"Received: {contents[4:8]}, not {_IDENTIFIER}"
        )
    root = Table.root(contents)
    texts = {key: root.string(slot) for key, slot in _TEXTS.items()}
    files = [file.string(0) for file in root.tables(6)]
    image_size = labels = None
    for graph in root.tables(3)[:1]:
        for tensor in graph.tables(2)[:1]:
            image_size = _image_size(tensor.table(3))
        for tensor in graph.tables(3)[:1]:
            labels = _labels(tensor.tables(6))
    return texts, image_size, labels, files


def _content(kind, properties):
    return {0: np.uint8(kind), 1: properties}


def _image_properties(image_size):
    size = np.uint32(image_size)
    return {0: np.uint8(_RGB), 1: {0: size, 1: size}}


def _normalization():
    """Returns mean 0 and deviation 1, since the graph takes raw pixels."""
    mean, std = np.zeros(1, "float32"), np.ones(1, "float32")
    return {0: np.uint8(_NORMALIZATION), 1: {0: mean, 1: std}}


def _stats(low, high):
    return {0: np.array([high], "float32"), 1: np.array([low], "float32")}


def _image_size(content):
    if content is None or content.uint8(0) != _IMAGE:
        return None
    properties = content.table(1)
    size = properties and properties.table(1)
    if size is None or size.uint32(0) != size.uint32(1):
        return None
    return size.uint32(0) or None


def _labels(files):
    for file in files:
        if file.uint8(2) == _AXIS_LABELS:
            return file.string(0)
    return None
