"""Weights in float16, in a small graph."""

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx import numpy_helper

from kerasfg.export.quantization.halve_weights import halve_weights


@pytest.fixture
def proto():
    """A picture, scaled by a matrix, through a convolution."""
    random = np.random.default_rng(0)
    constants = {
        "scale": random.normal(size=(1, 3, 12, 12)),
        "kernel": random.normal(size=(16, 3, 3, 3)),
        "bias": random.normal(size=16),
        "large": random.normal(size=(1, 16, 10, 10)),
    }
    constants["large"][0, 3, 2, 1] = 70000  # more than float16 can hold
    nodes = [
        helper.make_node("Mul", ["image", "scale"], ["scaled"]),
        helper.make_node("Conv", ["scaled", "kernel", "bias"], ["map"]),
        helper.make_node("Add", ["map", "large"], ["result"]),
    ]
    shapes = {"image": (1, 3, 12, 12), "result": (1, 16, 10, 10)}
    image, result = (
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    )
    graph = helper.make_graph(
        nodes,
        "small",
        [image],
        [result],
        [
            numpy_helper.from_array(values.astype("float32"), name)
            for name, values in constants.items()
        ],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, ir_version=8, opset_imports=opsets)


def _stored(proto):
    return {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in proto.graph.initializer
    }


def test_kernel_is_the_nearest_in_float16(proto):
    before = _stored(proto)
    halve_weights(proto)
    onnx.checker.check_model(proto, full_check=True)
    (cast,) = (x for x in proto.graph.node if x.op_type == "Cast")
    assert list(cast.output) == ["kernel"]
    half = _stored(proto)[cast.input[0]]
    assert half.dtype == "float16"
    np.testing.assert_array_equal(half, before["kernel"].astype("float16"))


def test_scaling_small_and_huge_constants_stay(proto):
    before = _stored(proto)
    halve_weights(proto)
    after = _stored(proto)
    for name in ("scale", "bias", "large"):
        assert after[name].dtype == "float32"
        np.testing.assert_array_equal(after[name], before[name])
