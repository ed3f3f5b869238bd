"""Finds, adds and moves buffers of a .tflite file."""

import numpy as np

from kerasfg.export.tflite_file.flatbuffer import Table
from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked

_IDENTIFIER = b"TFL3"
# Slots of the schema of TensorFlow Lite.
_BUFFERS = 4
_METADATA = 6


def find_buffer(contents, name):
    """Finds a buffer in a model that may be malicious.

    Args:
        contents: Bytes of the model.
        name: Name of the buffer's entry, such as `"TFLITE_METADATA"`.

    Returns:
        Bytes of the buffer, or `None` if there is no such entry.

    Raises:
        ValueError: If `contents` is not a model, or broken.
    """
    if contents[4:8] != _IDENTIFIER:
        raise ValueError("this is not a TensorFlow Lite model")
    model = Table.root(contents)
    for entry in model.tables(_METADATA):
        if entry.string(0) == name:
            number = entry.uint32(1)
            buffer = model.table_at(_BUFFERS, number)
            if buffer is None:
                raise ValueError(
                    f"{name} is missing in the model. Received: buffer {number}"
                )
            return buffer.data(0)
    return None


def with_buffer(contents, name, data):
    """Adds a buffer to a model and changes nothing else in it.

    Args:
        contents: Bytes of the model.
        name: Name of the entry.
        data: Bytes of the buffer.

    Returns:
        Bytes of the model with the buffer, without any data after the model.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = unpacked(contents)
    entry = schema.MetadataT(name=name, buffer=len(model.buffers))
    model.metadata = [*(model.metadata or ()), entry]
    # The builder copies an array in one step, but `bytes` one by one.
    model.buffers.append(schema.BufferT(data=np.frombuffer(data, "uint8")))
    return packed(model)


def with_buffers_inside(contents):
    """Moves the weights of a `.tflite` file into its flatbuffer.

    `litert_quantizer` writes the weights after the flatbuffer, which is meant
    for files of more than 2 GiB. Old runtimes do not find them there, and
    programs that add metadata to the model drop them.

    Args:
        contents: Bytes of the file.

    Returns:
        Bytes of an equivalent file with no data after the flatbuffer.
    """
    model = unpacked(contents)
    whole = np.frombuffer(contents, "uint8")
    for buffer in model.buffers:
        if buffer.offset:
            buffer.data = whole[buffer.offset : buffer.offset + buffer.size]
            buffer.offset = buffer.size = 0
    return packed(model)
