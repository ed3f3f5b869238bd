"""The places of operators in small graphs."""

import pytest

from kerasfg.export.quantization.around_convolutions import around_convolutions

BACKBONE = [
    ("CAST", ["image"], ["a"]),
    ("MUL", ["a", "scale"], ["b"]),
    ("CONV_2D", ["b", "kernel"], ["c"]),
    ("LOGISTIC", ["c"], ["d"]),
    ("MUL", ["c", "d"], ["e"]),
    ("DEPTHWISE_CONV_2D", ["e", "kernel_2"], ["f"]),
]


def test_scaling_is_before_and_the_head_after():
    head = [("MEAN", ["f"], ["g"]), ("SOFTMAX", ["g"], ["h"])]
    places = around_convolutions(BACKBONE + head)
    assert places == ["before"] * 2 + ["between"] * 4 + ["after"] * 2


def test_residual_past_the_last_convolution_is_after():
    places = around_convolutions([*BACKBONE, ("ADD", ["e", "f"], ["g"])])
    assert places[-1] == "after"


@pytest.mark.parametrize("kind", ["Relu", "Clip", "RELU6"])
def test_relu_of_the_last_convolution_goes_with_it(kind):
    tail = [(kind, ["f"], ["g"]), ("MEAN", ["g"], ["h"]), (kind, ["h"], ["i"])]
    places = around_convolutions(BACKBONE + tail)
    assert places[-3:] == ["between", "after", "after"]


def test_kernel_that_is_computed_is_before():
    places = around_convolutions(
        [("Cast", ["half"], ["kernel"]), ("Conv", ["x", "kernel"], ["y"])]
    )
    assert places == ["before", "between"]


def test_branch_that_skips_the_backbone_is_after():
    branch = [("MEAN", ["a"], ["g"]), ("ADD", ["f", "g"], ["h"])]
    assert around_convolutions(BACKBONE + branch)[-2:] == ["after", "after"]


def test_all_is_after_without_a_convolution():
    graph = [("CAST", ["x"], ["y"]), ("FULLY_CONNECTED", ["y", "w"], ["z"])]
    assert around_convolutions(graph) == ["after", "after"]
    assert around_convolutions([]) == []
