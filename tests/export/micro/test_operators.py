import pytest

from kerasfg.export.micro.operators import IN_FLOAT32
from kerasfg.export.micro.operators import IN_INT8
from kerasfg.export.micro.operators import check_micro_operators


def test_no_operator_is_of_both_kinds():
    assert not IN_INT8 & IN_FLOAT32


def test_a_network_of_convolutions_passes():
    check_micro_operators(["CONV_2D", "DEPTHWISE_CONV_2D", "MEAN", "SQRT"])


def test_a_missing_operator_is_named_and_what_to_train():
    with pytest.raises(ValueError, match="has no operator SIGN.*pooling avera"):
        check_micro_operators(["CONV_2D", "SIGN", "SOFTMAX"])
