"""Estimates the memory that a microcontroller needs for a network."""

import math

import numpy as np

# Per operator, and per channel of a convolution: the records of TensorFlow Lite
# for Microcontrollers, as measured on a computer.
_OF_AN_OPERATOR, _OF_A_CHANNEL = 500, 12


def estimate_arena(contents):
    """Estimates the arena of a `.tflite` file where it cannot be measured.

    It is the sum of the maps that are needed at the same time and of the
    interpreter's own records. Measured arenas are somewhat smaller.

    Args:
        contents: Bytes of the file.

    Returns:
        Number of bytes.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(contents)
    graph = model.Subgraphs(0)
    operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    begins, ends = _lives(graph, operators)
    sizes = {i: _bytes(graph.Tensors(i)) for i in begins}
    alive = [
        sum(size for i, size in sizes.items() if begins[i] <= now <= ends[i])
        for now in range(len(operators))
    ]
    channels = sum(
        graph.Tensors(x.Outputs(0)).ShapeAsNumpy()[-1] for x in operators
    )
    return int(
        max(alive) + len(operators) * _OF_AN_OPERATOR + channels * _OF_A_CHANNEL
    )


def _lives(graph, operators):
    """Returns the first and the last operator that needs each map."""
    begins = {graph.Inputs(i): 0 for i in range(graph.InputsLength())}
    ends = {
        graph.Outputs(i): len(operators) for i in range(graph.OutputsLength())
    }
    for now, operator in enumerate(operators):
        for i in operator.OutputsAsNumpy():
            begins.setdefault(i, now)
            ends.setdefault(i, now)
        for i in operator.InputsAsNumpy():
            if i in begins:
                ends[i] = max(ends.get(i, 0), now)
    return begins, ends


def _bytes(tensor):
    """Rounded up to 16 bytes, as memory is given out."""
    width = {0: 4, 2: 4, 9: 1}.get(tensor.Type(), 4)  # float32, int32, int8
    count = math.prod(np.atleast_1d(tensor.ShapeAsNumpy()).tolist())
    return -(-count * width // 16) * 16
