"""A `.tflite` file as objects that can be changed."""

_IDENTIFIER = b"TFL3"


def unpacked(contents):
    """Returns the `ModelT` of the schema that a `.tflite` file holds.

    Args:
        contents: Bytes of the file.
    """
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))


def packed(model):
    """Returns the bytes of a `.tflite` file, determined by the `ModelT`.

    Args:
        model: `ModelT` of the schema. Data after the flatbuffer it was read
            from are not in the file.
    """
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())
