"""Which nodes of an .onnx file stay in float32."""

import numpy as np
from onnx import helper
from onnx import numpy_helper

from kerasfg.export.quantization.quantize_onnx import _float32_nodes


def test_dense_layers_are_rounded_only_after_a_convolution():
    shapes = {"colours": (3, 3), "kernel": (4, 3, 3, 3), "classes": (4, 5)}
    nodes = [
        ("MatMul", ["image", "colours"], "mixed"),
        ("Transpose", ["mixed"], "channels"),
        ("Conv", ["channels", "kernel"], "map"),
        ("Relu", ["map"], "cut"),
        ("ReduceMean", ["cut"], "features"),
        ("MatMul", ["features", "classes"], "logits"),
        ("Softmax", ["logits"], "probabilities"),
    ]
    graph = helper.make_graph(
        [
            helper.make_node(kind, inputs, [output], name=output)
            for kind, inputs, output in nodes
        ],
        "network",
        [],
        [],
        [
            numpy_helper.from_array(np.ones(shape, "float32"), name)
            for name, shape in shapes.items()
        ],
    )
    assert _float32_nodes(graph) == [
        "mixed",
        "channels",
        "features",
        "probabilities",
    ]
