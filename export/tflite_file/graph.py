"""Reads the operators of a .tflite file."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Operator:
    """An operator of the main graph of a `.tflite` file.

    Attributes:
        kind: Name such as `"CONV_2D"`.
        inputs: Names of the input tensors, without constants.
        outputs: Names of the output tensors.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def tflite_graph(contents):
    """Reads the main graph of a `.tflite` file.

    Args:
        contents: Bytes of the file.

    Returns:
        List of `Operator`s, in the order in which they run.
    """
    from ai_edge_litert import schema_py_generated as schema

    kinds = {
        code: name
        for name, code in vars(schema.BuiltinOperator).items()
        if isinstance(code, int)
    }
    model = schema.Model.GetRootAsModel(contents, 0)
    graph = model.Subgraphs(0)
    operators = []
    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        code = model.OperatorCodes(operator.OpcodeIndex())
        inputs = [operator.Inputs(j) for j in range(operator.InputsLength())]
        outputs = [operator.Outputs(j) for j in range(operator.OutputsLength())]
        operators.append(
            Operator(
                kinds[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())],
                _names(
                    graph, [j for j in inputs if _computed(model, graph, j)]
                ),
                _names(graph, outputs),
            )
        )
    return operators


def _computed(model, graph, index):
    if index < 0:  # a missing optional input
        return False
    buffer = model.Buffers(graph.Tensors(index).Buffer())
    return not buffer.DataLength() and not buffer.Offset()


def _names(graph, indices):
    return tuple(graph.Tensors(i).Name().decode() for i in indices)
