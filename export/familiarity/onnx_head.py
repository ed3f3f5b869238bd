"""Finds the familiarity in an `.onnx` file, removes it, makes it small."""

import numpy as np

from kerasfg.export.onnx_file.names import settle_names
from kerasfg.export.onnx_file.order import outer_values
from kerasfg.export.runtime.contract import FAMILIARITY

_MIN_VALUES = 256  # a smaller constant is not worth an operator


def put_last(graph):
    """Makes the familiarity the last output of a `GraphProto`, in place."""
    outputs = sorted(graph.output, key=lambda x: x.name == FAMILIARITY)
    del graph.output[:]
    graph.output.extend(outputs)


def without_familiarity(contents):
    """Returns a file whose only output is the probabilities.

    Args:
        contents: Bytes of an `.onnx` file without metadata.

    Returns:
        Bytes of the file without the familiarity and what only that needs.
    """
    import onnx

    proto = onnx.load_model_from_string(contents)
    kept = [x for x in proto.graph.output if x.name != FAMILIARITY]
    if len(kept) == len(proto.graph.output):
        return contents
    last = len(kept)
    del proto.graph.output[last:]
    settle_names(proto, proto.graph.name)  # it removes what no output needs
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString(deterministic=True)


def head_nodes(graph):
    """Lists the nodes that only the familiarity needs.

    Args:
        graph: `onnx.GraphProto`.

    Returns:
        List of `NodeProto`; empty if the file has no familiarity.
    """
    names = [x.name for x in graph.output]
    if FAMILIARITY not in names:
        return []
    needed = {name for name in names if name != FAMILIARITY}
    makers = {value: node for node in graph.node for value in node.output}
    waiting, found = list(needed), set()
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.output[0] not in found:
            found.add(node.output[0])
            waiting += [*node.input, *outer_values(node)]
    return [node for node in graph.node if node.output[0] not in found]


def round_constants(graph):
    """Stores the large constants of the familiarity in int8, in place.

    A cast and a factor make each float32 again: onnxruntime computes them once,
    when it loads the file, but a `DequantizeLinear` for each picture.

    Args:
        graph: `onnx.GraphProto`.
    """
    from onnx import TensorProto
    from onnx import helper
    from onnx import numpy_helper

    used = {name for node in head_nodes(graph) for name in node.input}
    added = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if (
            tensor.name not in used
            or values.dtype != "float32"
            or values.size < _MIN_VALUES
        ):
            continue
        name = tensor.name
        scale = np.float32(max(np.abs(values).max(), 1e-12) / 127)
        parts = {
            f"{name}/int8": np.round(values / scale).astype("int8"),
            f"{name}/scale": scale,
        }
        graph.initializer.remove(tensor)
        graph.initializer.extend(
            numpy_helper.from_array(np.asarray(value), part)
            for part, value in parts.items()
        )
        stored, factor = parts
        whole = f"{name}/whole"
        added += [
            helper.make_node(
                "Cast", [stored], [whole], name=whole, to=TensorProto.FLOAT
            ),
            helper.make_node("Mul", [whole, factor], [name], name=name),
        ]
    nodes = [*added, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
