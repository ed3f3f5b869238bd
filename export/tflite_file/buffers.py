"""The weights of a .tflite file inside its flatbuffer."""

import numpy as np


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
