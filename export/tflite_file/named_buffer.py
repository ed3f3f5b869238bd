"""Buffers of a TFLite file: one found by its name, all kept inside the file."""

import numpy as np

from kerasfg.export.tflite_file.flatbuffer import Table

_IDENTIFIER = b"TFL3"
# Slots of the schema of TensorFlow Lite.
_BUFFERS = 4
_METADATA = 6


def find_buffer(contents, name):
    """Finds a buffer in a model that anyone may have made.

    Args:
        contents: Bytes of the model.
        name: Name of its entry, such as `"TFLITE_METADATA"`.

    Returns:
        Its bytes, or `None` if there is no such entry.

    Raises:
        ValueError: If `contents` are no model, or broken.
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
                    f"{name} is nowhere in the model. Received: buffer {number}"
                )
            return buffer.data(0)
    return None


def with_buffer(contents, name, data):
    """Adds a buffer to a model, which otherwise stays the same.

    Args:
        contents: Bytes of the model.
        name: Name of the entry.
        data: Bytes of the buffer.

    Returns:
        The bytes of the model with the buffer, without what may have followed
        the model.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))
    entry = schema.MetadataT(name=name, buffer=len(model.buffers))
    model.metadata = [*(model.metadata or ()), entry]
    # only an array is copied at once
    model.buffers.append(schema.BufferT(data=np.frombuffer(data, "uint8")))
    builder = flatbuffers.Builder(len(contents))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def with_buffers_inside(contents):
    """Moves the weights of a `.tflite` file into its flatbuffer.

    `litert_quantizer` writes them behind it, which is for files of more than
    2 GiB: old runtimes do not look there, and a program that rewrites the model
    to add metadata drops them.

    Args:
        contents: Bytes of the file.

    Returns:
        The bytes of an equal file without anything behind the flatbuffer.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))
    whole = np.frombuffer(contents, "uint8")
    for buffer in model.buffers:
        if buffer.offset:
            buffer.data = whole[buffer.offset : buffer.offset + buffer.size]
            buffer.offset = buffer.size = 0
    builder = flatbuffers.Builder(len(contents))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
