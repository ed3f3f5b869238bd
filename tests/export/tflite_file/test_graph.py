"""The operators of a small file."""

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.runtime.tflite_classifier import tflite_operators
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.graph import tflite_graph


def test_contract(tiny_classifier):
    contents = convert_tflite(inference_graph(tiny_classifier))
    operators = tflite_graph(contents)
    assert {x.kind for x in operators} == set(tflite_operators(contents))
    assert operators[0].kind == "CAST"
    assert operators[-1].kind == "SOFTMAX"


def test_operators_come_after_what_they_depend_on(tiny_classifier):
    contents = convert_tflite(inference_graph(tiny_classifier))
    operators = tflite_graph(contents)
    known = set(operators[0].inputs)
    assert len(known) == 1  # the picture
    for operator in operators:
        assert known.issuperset(operator.inputs)  # no constant among them
        known.update(operator.outputs)
