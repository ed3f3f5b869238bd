"""Joins two `.tflite` files: the second takes the output of the first."""

import numpy as np

from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked

_PREFIX = "shrink/"


def join_tflite(first, second):
    """Puts a graph before a classifier.

    The second file begins with a cast of its uint8 input to float32. The first
    one takes the place of that cast. Metadata, names and signature of the
    second stay as they are.

    Args:
        first: Bytes of a file with one input and one float32 output.
        second: Bytes of a classifier, without data after the flatbuffer.

    Returns:
        Bytes of the joined file, determined by the arguments.

    Raises:
        ValueError: If the second does not begin with such a cast.
    """
    from ai_edge_litert import schema_py_generated as schema

    front, model = unpacked(first), unpacked(second)
    graph, before = model.subgraphs[0], front.subgraphs[0]
    (source,) = graph.inputs
    cast = _only_cast(model, graph, source, schema.BuiltinOperator.CAST)
    given = {before.inputs[0]: source, before.outputs[0]: cast.outputs[0]}
    places = _add_tensors(model, graph, front, before, given)
    codes = _add_codes(model, front)
    for operator in before.operators:
        operator.opcodeIndex = codes[operator.opcodeIndex]
        operator.inputs = _renumbered(operator.inputs, places)
        operator.outputs = _renumbered(operator.outputs, places)
    others = [x for x in graph.operators if x is not cast]
    graph.operators = [*before.operators, *others]
    return packed(model)


def _only_cast(model, graph, source, code):
    """Returns the one operator that takes the input, which is a cast."""
    readers = [x for x in graph.operators if source in x.inputs]
    kinds = [model.operatorCodes[x.opcodeIndex].builtinCode for x in readers]
    if kinds != [code]:
        raise ValueError(
            "A file that is to take frames must begin with one cast of its "
            "pixels to float32, as `kerasfg.export` writes it. "
            f"Received: {len(kinds)} operators that read the input"
        )
    return readers[0]


def _add_tensors(model, graph, front, before, given):
    """Adds tensors and their buffers; returns the new number of each."""
    places = {}
    for number, tensor in enumerate(before.tensors):
        data = front.buffers[tensor.buffer].data
        tensor.buffer = 0
        if data is not None and len(data):
            tensor.buffer = len(model.buffers)
            model.buffers.append(type(front.buffers[0])(data=data))
        if number in given:
            places[number] = given[number]
            tensor.name = graph.tensors[given[number]].name
            graph.tensors[given[number]] = tensor
        else:
            places[number] = len(graph.tensors)
            tensor.name = _PREFIX.encode() + _as_bytes(tensor.name)
            graph.tensors.append(tensor)
    return places


def _add_codes(model, front):
    """Adds kinds of operators; returns the new number of each."""
    codes = {}
    for number, code in enumerate(front.operatorCodes):
        key = (code.builtinCode, code.version)
        known = [(x.builtinCode, x.version) for x in model.operatorCodes]
        if key not in known:
            model.operatorCodes.append(code)
            known.append(key)
        codes[number] = known.index(key)
    return codes


def _renumbered(numbers, places):
    return np.array([places.get(int(x), -1) for x in numbers], "int32")


def _as_bytes(name):
    return name if isinstance(name, bytes) else name.encode()
