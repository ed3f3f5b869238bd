"""Takes the cast from uint8 off the beginning of a .tflite file."""

import flatbuffers

from kerasfg.export.tflite_file.graph import operator_kind


def with_float_input(contents):
    """Makes the input of a float32 file float32: pixels from 0 to 255 still.

    A microcontroller has no cast from uint8. And only a float32 input becomes
    int8 when the file is quantized.

    Args:
        contents: Bytes of a float32 `.tflite` file whose one input is uint8
            and goes through `CAST` first.

    Returns:
        Bytes of the file without the cast.

    Raises:
        ValueError: If the input goes elsewhere.
    """
    from ai_edge_litert import schema_py_generated as schema

    flat = schema.Model.GetRootAs(contents)
    kinds = _kinds(flat)
    model = schema.ModelT.InitFromObj(flat)
    graph = model.subgraphs[0]
    (image,) = graph.inputs
    users = [
        i
        for i, operator in enumerate(graph.operators)
        if image in operator.inputs
    ]
    if [kinds[i] for i in users] != ["CAST"]:
        raise ValueError(
            "The pixels must be cast to float32 before all else. Received: a "
            f"network that gives them to {', '.join(kinds[i] for i in users)}"
        )
    (pixels,) = graph.operators.pop(users[0]).outputs
    graph.inputs = [pixels]
    for signature in model.signatureDefs or ():
        for entry in signature.inputs:
            entry.tensorIndex = pixels
    builder = flatbuffers.Builder(len(contents))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _kinds(model):
    graph = model.Subgraphs(0)
    return [
        operator_kind(model, graph.Operators(i))
        for i in range(graph.OperatorsLength())
    ]
