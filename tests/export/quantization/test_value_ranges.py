"""Ranges of tensors, against Keras."""

import keras
import numpy as np
import pytest

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.quantization.value_ranges import value_ranges
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.graph import tflite_graph


@pytest.fixture(scope="module")
def contents(tiny_classifier):
    return convert_tflite(inference_graph(tiny_classifier))


def _results(contents, kind):
    return [
        operator.outputs[0]
        for operator in tflite_graph(contents)
        if operator.kind == kind
    ]


@pytest.mark.slow
def test_smallest_and_largest_are_kerass(contents, tiny_classifier, pictures):
    layers = [
        layer.output
        for layer in tiny_classifier.layers
        if isinstance(layer, (keras.layers.ReLU, keras.layers.Dense))
    ]
    inside = keras.Model(tiny_classifier.input, layers)
    names = [
        _results(contents, kind)[0] for kind in ("CONV_2D", "FULLY_CONNECTED")
    ]
    found = value_ranges(contents, set(names), pictures)
    for name, values in zip(
        names, inside(pictures.astype("float32")), strict=True
    ):
        low, high = np.inf, -np.inf
        for image in np.asarray(values):
            low, high = min(low, image.min()), max(high, image.max())
        np.testing.assert_allclose(found[name]["min"], [low], atol=1e-4)
        np.testing.assert_allclose(found[name]["max"], [high], rtol=1e-5)


def test_only_what_is_asked_for_and_float32(contents, pictures):
    assert value_ranges(contents, {"image", "none"}, pictures) == {}
    name = _results(contents, "MEAN")[0]
    assert set(value_ranges(contents, {name}, pictures)) == {name}


def test_infinite_values_are_refused(contents, tiny_classifier, pictures):
    kernel = next(x for x in tiny_classifier.weights if x.shape == (8, 5))
    weights = np.ascontiguousarray(kernel.numpy().T)
    wrong = contents.replace(
        weights.tobytes(), np.full_like(weights, np.inf).tobytes()
    )
    assert wrong != contents
    name = _results(contents, "FULLY_CONNECTED")[0]
    with pytest.raises(ValueError, match="not finite on the cal.*Received: "):
        value_ranges(wrong, {name}, pictures)
