"""ONNX graphs that are the same but for order and names."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from onnx import TensorProto
from onnx import helper
from onnx import numpy_helper

from kerasfg.export.onnx_file.names import settle_names

FLOAT = TensorProto.FLOAT


def _value(name, shape=(2,), kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def _constant(name, values, dtype="float32"):
    return numpy_helper.from_array(np.array(values, dtype), name)


def _model(nodes, constants, name="g"):
    graph = helper.make_graph(
        nodes, name, [_value("image")], [_value("probabilities")], constants
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.x", 1)]
    return helper.make_model(graph, ir_version=8, opset_imports=opsets)


def _branches(names, order):
    """Two branches that meet; `names` and `order` should not matter.

    tf2onnx numbers nodes, `head/relu__12`, in the order in which they come.
    """
    a, b, c, one, two = names
    nodes = [
        helper.make_node("Add", ["image", one], [a], f"add__{ord(a[0])}"),
        helper.make_node("Mul", ["image", two], [b], f"head/mul__{ord(b[0])}"),
        helper.make_node("Relu", [a], [c], f"head/relu__{ord(c[0])}"),
        helper.make_node("Sub", [c, b], ["probabilities"], "last"),
        helper.make_node("Relu", [b], ["unused"], "unused"),
    ]
    constants = [_constant(one, [1, 1]), _constant(two, [2, 3])]
    allowed = [i for i in order if i < 2], [i for i in order if i >= 2]
    assert sorted(order) == [0, 1]
    return _model(
        [nodes[i] for i in [*allowed[0], 2, 4, 3]],
        [constants[i] for i in order],
        name=a,
    )


def _settled(model):
    settle_names(model, "flowers")
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def _run(contents, image, output="probabilities"):
    import onnxruntime

    session = onnxruntime.InferenceSession(contents)
    return session.run([output], {"image": np.array(image, "float32")})[0]


def test_contract():
    model = _branches("abcde", [0, 1])
    contents = _settled(model)
    assert model.graph.name == "flowers"
    assert [x.name for x in model.graph.node] == [
        "add",
        "head/relu",
        "head/mul",
        "last",
    ]
    assert [x.name for x in model.graph.initializer] == [
        "add/input_1",
        "head/mul/input_1",
    ]
    assert [x.domain for x in model.opset_import] == [""]
    # relu(x + 1) - x * (2, 3)
    np.testing.assert_array_equal(_run(contents, [5, -3]), [-4, 9])


@settings(deadline=None, max_examples=30, derandomize=True)
@given(
    names=st.permutations(["a", "b", "c", "z__9", "w:0"]),
    order=st.permutations([0, 1]),
)
def test_neither_names_nor_order_matter(names, order):
    expected = _settled(_branches("abcde", [0, 1]))
    assert _settled(_branches(names, order)) == expected


def _loop(names, copy_first):
    """Doubles three times; keeps the value, and collects it."""
    i, kept, doubled, copy, trips, two = names
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["goes"], "n1"),
            helper.make_node("Mul", [kept, two], [doubled], "n2"),
            helper.make_node("Identity", [doubled], [copy], "n3", domain=""),
        ],
        f"body_{i}",
        [
            _value(i, (), TensorProto.INT64),
            _value("go", (), TensorProto.BOOL),
            _value(kept),
        ],
        [
            _value("goes", (), TensorProto.BOOL),
            *map(_value, [copy, doubled] if copy_first else [doubled, copy]),
        ],
    )
    loop = helper.make_node(
        "Loop",
        [trips, "", "image"],
        ["last", "all"],
        f"loop__{ord(i)}",
        body=body,
    )
    total = helper.make_node("ReduceSum", ["all", "axis"], ["sum"], keepdims=0)
    end = helper.make_node("Add", ["last", "sum"], ["probabilities"])
    constants = [
        _constant(trips, 3, "int64"),
        _constant(two, [2, 2]),
        _constant("axis", [0], "int64"),
    ]
    return _model([loop, total, end], constants)


@pytest.mark.parametrize("copy_first", [False, True])
@pytest.mark.parametrize("names", ["abcdef", "fedcba"])
def test_body_of_a_loop(names, copy_first):
    contents = _settled(_loop(names, copy_first))
    assert contents == _settled(_loop("abcdef", False))
    # 8x, and 2x + 4x + 8x
    np.testing.assert_array_equal(_run(contents, [1, -2]), [22, -44])


def test_branches_of_a_condition():
    def branch(name, operator):
        node = helper.make_node(operator, ["image", "two"], [name])
        return helper.make_graph([node], name, [], [_value(name)])

    def model(first, second):
        node = helper.make_node(
            "If",
            ["yes"],
            ["probabilities"],
            then_branch=branch(first, "Add"),
            else_branch=branch(second, "Mul"),
        )
        constants = [_constant("yes", True, "bool"), _constant("two", [2, 2])]
        return _model([node], constants)

    contents = _settled(model("p", "q"))
    assert contents == _settled(model("q", "r"))
    np.testing.assert_array_equal(_run(contents, [3, 4]), [5, 6])
