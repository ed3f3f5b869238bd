"""Metadata in an .onnx file."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.onnx_metadata import add_onnx_metadata
from kerasfg.export.onnx_metadata import read_onnx_metadata
from kerasfg.export.runtime.onnx_classifier import ONNXClassifier

PROPERTIES = {
    "kerasfg.json": json.dumps({"crop": "center"}),
    "class_names": json.dumps(['a, "b"', "Löwenzahn\n"], ensure_ascii=False),
}


@pytest.fixture(scope="module")
def plain(tiny_classifier):
    return convert_onnx(inference_graph(tiny_classifier))


@pytest.fixture(scope="module")
def full(plain):
    return add_onnx_metadata(plain, PROPERTIES)


def test_round_trip(plain, full):
    assert read_onnx_metadata(plain) == {}
    assert read_onnx_metadata(full) == PROPERTIES


def test_onnxruntime_shows_it(full):
    session = onnxruntime.InferenceSession(full)
    shown = session.get_modelmeta().custom_metadata_map
    assert len(shown.pop("kerasfg.sha256")) == 64
    assert shown == PROPERTIES


def test_model_passes_the_checker(full):
    onnx.checker.check_model(full, full_check=True)


def test_network_computes_the_same(plain, full, pictures):
    before, after = ONNXClassifier(plain), ONNXClassifier(full)
    expected = before.predict(pictures)
    np.testing.assert_array_equal(after.predict(pictures), expected)


def test_same_arguments_give_the_same_bytes(plain, full):
    properties = dict(reversed(PROPERTIES.items()))
    assert add_onnx_metadata(plain, properties) == full


def test_properties_are_replaced_or_stay(full):
    contents = add_onnx_metadata(full, {"class_names": "[]"})
    expected = {**PROPERTIES, "class_names": "[]"}
    assert read_onnx_metadata(contents) == expected


def test_what_is_no_model():
    for function in (read_onnx_metadata, lambda x: add_onnx_metadata(x, {})):
        with pytest.raises(ValueError, match="not an ONNX model"):
            function(b"hello")


def test_cut_off_or_changed_never_crashes(full):
    answers = []
    for i in range(len(full)):
        changed = bytearray(full)
        changed[i] ^= 1 << i % 8
        for contents in (full[:i], bytes(changed)):
            try:
                answers.append(read_onnx_metadata(contents))
            except ValueError as error:
                answers.append(str(error))
    assert PROPERTIES in answers
    assert len([x for x in answers if isinstance(x, str)]) > 100


def test_text_that_is_not_utf_8(full):
    contents = full.replace("ö".encode(), b"\xff\xff")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_onnx_metadata(contents)


def test_two_properties_of_one_name(full):
    proto = onnx.load_model_from_string(full)
    proto.metadata_props.add(key="class_names", value="[]")
    contents = proto.SerializeToString()
    with pytest.raises(ValueError, match="same name. Received: 'class_names'"):
        read_onnx_metadata(contents)
