"""Removes the casts of pixels from the beginning of a .tflite file."""

from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked


def with_float_input(contents):
    """Makes the input of a float32 file float32, still from 0 to 255.

    A microcontroller has no cast from uint8. And only a float32 input becomes
    int8 when the file is quantized. A network whose own input is uint8 casts
    the pixels to it and back; these casts change nothing and are removed too.

    Args:
        contents: Bytes of a float32 `.tflite` file whose one input is uint8
            and goes through `CAST` first.

    Returns:
        Bytes of the file without the casts.

    Raises:
        ValueError: If the input goes elsewhere.
    """
    from ai_edge_litert import schema_py_generated as schema

    kinds = [operator.kind for operator in tflite_graph(contents)]
    model = unpacked(contents)
    graph = model.subgraphs[0]
    (pixels,) = graph.inputs
    users = _users(graph, pixels)
    if [kinds[i] for i in users] != ["CAST"]:
        raise ValueError(
            "The pixels must be cast to float32 before all else. Received: a "
            f"network that gives them to {', '.join(kinds[i] for i in users)}"
        )
    float32, uint8 = schema.TensorType.FLOAT32, schema.TensorType.UINT8
    casts, at = [], pixels  # those that can go, up to a float32 tensor
    passed = []
    while [kinds[i] for i in users] == ["CAST"]:
        passed += users
        (at,) = graph.operators[users[0]].outputs
        users = _users(graph, at)
        if graph.tensors[at].type == float32:
            casts, pixels = list(passed), at
        elif graph.tensors[at].type != uint8:
            break
    for i in reversed(casts):
        del graph.operators[i]
    graph.inputs = [pixels]
    for signature in model.signatureDefs or ():
        for entry in signature.inputs:
            entry.tensorIndex = pixels
    return packed(model)


def _users(graph, tensor):
    """Returns the places of the operators that take a tensor."""
    return [
        i
        for i, operator in enumerate(graph.operators)
        if tensor in operator.inputs
    ]
