"""Reads the operators of a .tflite file."""

import dataclasses
import functools


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

    model = schema.Model.GetRootAsModel(contents, 0)
    graph = model.Subgraphs(0)
    operators = []
    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        inputs = [operator.Inputs(j) for j in range(operator.InputsLength())]
        outputs = [operator.Outputs(j) for j in range(operator.OutputsLength())]
        operators.append(
            Operator(
                operator_kind(model, operator),
                _names(
                    graph, [j for j in inputs if _computed(model, graph, j)]
                ),
                _names(graph, outputs),
            )
        )
    return operators


def operator_kind(model, operator):
    """Returns what an operator is: `"CONV_2D"`, or `"CUSTOM:FlexIRFFT"`.

    Args:
        model: `Model` of the schema of TensorFlow Lite.
        operator: `Operator` of the same, in one of its graphs.
    """
    kind = model.OperatorCodes(operator.OpcodeIndex())
    # Old files hold the code in the first field only.
    code = max(kind.BuiltinCode(), kind.DeprecatedBuiltinCode())
    name = _builtin_kinds().get(code, f"UNKNOWN:{code}")
    if name == "CUSTOM":
        name = f"CUSTOM:{(kind.CustomCode() or b'').decode()}"
    return name


@functools.cache
def _builtin_kinds():
    from ai_edge_litert import schema_py_generated as schema

    return {
        code: name
        for name, code in vars(schema.BuiltinOperator).items()
        if isinstance(code, int)
    }


def _computed(model, graph, index):
    if index < 0:  # a missing optional input
        return False
    buffer = model.Buffers(graph.Tensors(index).Buffer())
    return not buffer.DataLength() and not buffer.Offset()


def _names(graph, indices):
    return tuple(graph.Tensors(i).Name().decode() for i in indices)
