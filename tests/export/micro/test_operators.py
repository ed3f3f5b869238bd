import pytest

from kerasfg.export.micro.operators import IN_FLOAT32
from kerasfg.export.micro.operators import IN_INT8
from kerasfg.export.micro.operators import check_micro_operators
from kerasfg.export.micro.operators import in_eight_bits
from kerasfg.export.tflite_file.graph import Operator


def test_no_operator_is_of_both_kinds():
    assert not IN_INT8 & IN_FLOAT32


def test_a_network_of_convolutions_passes():
    check_micro_operators(["CONV_2D", "DEPTHWISE_CONV_2D", "MEAN", "SQRT"])


def test_a_missing_operator_is_named_and_what_to_train():
    with pytest.raises(ValueError, match="has no operator SIGN.*pooling avera"):
        check_micro_operators(["CONV_2D", "SIGN", "SOFTMAX"])


def test_a_network_that_casts_is_told_to_leave_that_out():
    with pytest.raises(ValueError, match="float32 throughout") as error:
        check_micro_operators(["CAST", "CONV_2D"])
    assert "--pooling" not in str(error.value)


def test_second_order_pooling_stays_in_float32_up_to_the_dense_layer():
    kinds = (
        "MUL CONV_2D LOGISTIC RESHAPE BATCH_MATMUL RESHAPE MUL RSQRT "
        "FULLY_CONNECTED SOFTMAX"
    ).split()
    operators = [
        Operator(kind, (str(i),), (str(i + 1),)) for i, kind in enumerate(kinds)
    ]
    assert in_eight_bits(operators) == [True] * 4 + [False] * 4 + [True] * 2
