"""Stores the weights of an .onnx file in float16."""

import numpy as np

from kerasfg.export.quantization.around_convolutions import BEFORE
from kerasfg.export.quantization.around_convolutions import around_convolutions

_MIN_VALUES = 256  # a smaller constant is not worth an operator


def halve_weights(proto):
    """Stores the weights of a float32 model in float16, in place.

    A `Cast` converts each to float32 again, once, when a runtime loads the
    file. So the network still computes in float32, equally fast, on any
    runtime. Float16 arithmetic, which onnxruntime does not have on the CPU, is
    not needed. Constants before the first convolution do not change.

    Args:
        proto: `onnx.ModelProto`.
    """
    from onnx import numpy_helper

    graph = proto.graph
    wanted = _weights(graph)
    for tensor in graph.initializer:
        if tensor.name not in wanted:
            continue
        values = numpy_helper.to_array(tensor)
        if not np.abs(values).max() <= np.finfo("float16").max:
            wanted.remove(tensor.name)
            continue
        tensor.CopyFrom(
            numpy_helper.from_array(
                values.astype("float16"), f"{tensor.name}/float16"
            )
        )
    _add_casts(graph, wanted)


def _weights(graph):
    """Lists the large float32 constants of the network itself."""
    from onnx import TensorProto

    places = around_convolutions(
        [(x.op_type, list(x.input), list(x.output)) for x in graph.node]
    )
    exact = {
        name
        for node, place in zip(graph.node, places, strict=True)
        for name in node.input
        if place == BEFORE
    }
    return [
        tensor.name
        for tensor in graph.initializer
        if tensor.data_type == TensorProto.FLOAT
        and np.prod(tensor.dims) >= _MIN_VALUES
        and tensor.name not in exact
    ]


def _add_casts(graph, names):
    from onnx import TensorProto
    from onnx import helper

    casts = [
        helper.make_node(
            "Cast", [f"{name}/float16"], [name], to=TensorProto.FLOAT
        )
        for name in names
    ]
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
