"""An operator's code in both fields of the schema."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.operator_codes import with_old_codes


def _model(contents):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))


def _with_codes(contents, change):
    """Rewrites the two codes of each operator by a function."""
    model = _model(contents)
    for kind in model.operatorCodes:
        kind.deprecatedBuiltinCode, kind.builtinCode = change(kind.builtinCode)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _codes(contents):
    return [
        (kind.deprecatedBuiltinCode, kind.builtinCode)
        for kind in _model(contents).operatorCodes
    ]


def test_fills_the_old_field(tiny_classifier, pictures):
    contents = convert_tflite(inference_graph(tiny_classifier))
    lacking = _with_codes(contents, lambda code: (0, code))
    assert _codes(lacking) != _codes(contents)
    mended = with_old_codes(lacking)
    assert _codes(mended) == _codes(contents)
    np.testing.assert_array_equal(
        TFLiteClassifier(mended).predict(pictures),
        TFLiteClassifier(contents).predict(pictures),
    )


def test_fills_the_new_field(tiny_classifier):
    """Files of before 2021 have the old one alone."""
    contents = convert_tflite(inference_graph(tiny_classifier))
    lacking = _with_codes(contents, lambda code: (code, 0))
    assert _codes(with_old_codes(lacking)) == _codes(contents)


def test_a_newer_code_than_127_is_held_by_the_new_field(tiny_classifier):
    contents = convert_tflite(inference_graph(tiny_classifier))
    newer = 150  # GELU
    changed = _with_codes(contents, lambda code: (0, newer))
    assert set(_codes(with_old_codes(changed))) == {(127, newer)}
