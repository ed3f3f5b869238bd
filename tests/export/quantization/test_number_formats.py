"""Which operators are rounded, in small graphs."""

import pytest

from kerasfg.export.quantization.number_formats import number_formats
from kerasfg.export.quantize import VARIANTS
from kerasfg.export.tflite_file.graph import Operator

# The end of a network with attention and a second-order pooling.
SECOND_ORDER = [
    Operator("CAST", ("image",), ("pixels",)),
    Operator("FULLY_CONNECTED", ("pixels",), ("shrunk",)),
    Operator("CONV_2D", ("shrunk",), ("a",)),
    Operator("DEPTHWISE_CONV_2D", ("a",), ("map",)),
    Operator("LOGISTIC", ("map",), ("mask",)),
    Operator("MUL", ("map", "mask"), ("attended",)),
    Operator("BATCH_MATMUL", ("attended",), ("gram",)),
    Operator("RESHAPE", ("gram",), ("flat",)),
    Operator("SQRT", ("flat",), ("root",)),
    Operator("FULLY_CONNECTED", ("root",), ("logits",)),
    Operator("SOFTMAX", ("logits",), ("probabilities",)),
]
AVERAGE = [
    *SECOND_ORDER[:4],
    Operator("MEAN", ("map",), ("features",)),
    Operator("FULLY_CONNECTED", ("features",), ("logits",)),
    Operator("SOFTMAX", ("logits",), ("probabilities",)),
]


@pytest.mark.parametrize("operators", [SECOND_ORDER, AVERAGE])
def test_scaling_stays_exact(operators):
    for variant in VARIANTS["tflite"]:
        formats = number_formats(operators, variant)
        assert formats[:2] == ["float32", "float32"]
        assert formats[2] != "float32"


def test_int8_reaches_the_logits_of_an_average():
    formats = number_formats(AVERAGE, "int8")
    assert formats[2:] == ["static"] * 4 + ["dynamic"]


def test_int8_spares_squares_and_roots():
    formats = dict(
        zip(
            [operator.outputs[0] for operator in SECOND_ORDER],
            number_formats(SECOND_ORDER, "int8"),
            strict=True,
        )
    )
    static = {name for name, chosen in formats.items() if chosen == "static"}
    assert static == {"a", "map", "logits"}


def test_projection_by_a_computed_matrix_is_no_classifier():
    projection = Operator("FULLY_CONNECTED", ("map", "signs"), ("y",))
    formats = number_formats([*AVERAGE[:4], projection], "int8")
    assert formats[-1] == "dynamic"


def test_mixed_has_no_static_operator_in_the_head():
    formats = number_formats(SECOND_ORDER, "mixed")
    assert formats[2:] == ["static"] * 2 + ["dynamic"] * 7


def test_float16_keeps_all_weights_so():
    assert number_formats(AVERAGE, "float16")[2:] == ["float16"] * 5


def test_dynamic_keeps_depthwise_weights_in_float16():
    formats = number_formats(AVERAGE, "dynamic")
    assert formats[2:] == ["dynamic", "float16", *["dynamic"] * 3]
