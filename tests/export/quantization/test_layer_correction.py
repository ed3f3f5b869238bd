"""Weights and biases of int8 layers, corrected by their results."""

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.quantization import layer_correction
from kerasfg.export.quantization import quantize_tflite as module
from kerasfg.export.quantization.equalization import equalized
from kerasfg.export.quantization.layer_correction import corrected_layers
from kerasfg.export.quantization.quantize_tflite import quantize_tflite
from kerasfg.export.quantization.value_ranges import keeping_interpreter
from kerasfg.export.tflite import convert_tflite


@pytest.fixture(scope="module")
def contents(make_classifier):
    deeper = keras.Sequential(
        [
            keras.layers.DepthwiseConv2D(3, activation="relu6"),
            keras.layers.Conv2D(6, 1),
            keras.layers.Conv2D(8, 1, activation="relu"),
        ]
    )
    return convert_tflite(inference_graph(make_classifier(extra=deeper)))


@pytest.fixture(scope="module")
def exact(contents, pictures):
    return equalized(contents, pictures)


@pytest.fixture(scope="module")
def plain(contents, pictures):
    """The int8 file without any correction."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "corrected_layers", lambda _, int8, images: int8)
        return quantize_tflite(contents, "int8", pictures)


@pytest.fixture(scope="module")
def int8(contents, pictures):
    return quantize_tflite(contents, "int8", pictures)


def _biases(contents):
    """`{name of a layer's result: its bias, a scale for each channel}`."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))
    graph = model.subgraphs[0]
    found = {}
    for operator in graph.operators:
        if len(operator.inputs) == 3 and operator.inputs[2] >= 0:
            bias = graph.tensors[operator.inputs[2]]
            if bias.type == schema.TensorType.INT32:
                data = bytes(bytearray(model.buffers[bias.buffer].data))
                name = graph.tensors[operator.outputs[0]].name.decode()
                found[name] = (
                    np.frombuffer(data, "<i4"),
                    np.asarray(bias.quantization.scale),
                )
    return found


def _means(contents, names, images):
    """Mean of each channel of some tensors, over all pictures, by loops."""
    interpreter = keeping_interpreter(contents)
    source = interpreter.get_input_details()[0]["index"]
    details = {d["name"]: d for d in interpreter.get_tensor_details()}
    found = {name: [] for name in names}
    for image in images:
        interpreter.set_tensor(source, image[None])
        interpreter.invoke()
        for name in names:
            values = interpreter.get_tensor(details[name]["index"])
            if values.dtype == np.int8:
                scale, zero = details[name]["quantization"]
                values = (values.astype("float64") - zero) * scale
            found[name].append(values.reshape(-1, values.shape[-1]))
    return {name: np.concatenate(v).mean(axis=0) for name, v in found.items()}


def test_means_are_those_of_the_float32_file(exact, int8, pictures):
    biases = _biases(int8)
    assert len(biases) == 4
    expected = _means(exact, biases, pictures)
    found = _means(int8, biases, pictures)
    for name, (_, scale) in biases.items():
        # A bias has steps of `scale`; a ReLU lets through a part of it.
        np.testing.assert_allclose(found[name], expected[name], atol=0.005)
        assert scale.max() < 0.005


def test_a_wrong_bias_is_found_and_mended(exact, int8, pictures):
    name = list(_biases(int8))[2]  # linear: a mean moves with its bias
    bias, scale = _biases(int8)[name]
    # So little that few results leave the range of int8, where they are lost.
    moved = (bias + np.round(0.02 / scale)).astype("<i4")
    wrong = int8.replace(bias.tobytes(), moved.tobytes())
    expected = _means(exact, [name], pictures)[name]
    found = _means(wrong, [name], pictures)[name]
    assert np.abs(found - expected).min() > 0.01
    mended = corrected_layers(exact, wrong, pictures)
    found = _means(mended, [name], pictures)[name]
    np.testing.assert_allclose(found, expected, atol=0.005)


def _differences(contents, exact, images):
    """Mean difference of each layer's results to the float32 file, by loops."""
    names = list(_biases(contents))
    each = [
        [
            np.abs(_means(contents, [name], [image])[name] - expected).mean()
            for image in images
            for expected in [_means(exact, [name], [image])[name]]
        ]
        for name in names
    ]
    return np.mean(each, axis=1)


def test_results_are_nearer_to_the_float32_file(exact, plain, int8, pictures):
    before = _differences(plain, exact, pictures)
    after = _differences(int8, exact, pictures)
    assert (after < before).all()
    assert after[-1] < 0.8 * before[-1]


def _weights(contents):
    """`{name of a layer's result: its int8 weights as bytes}`."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))
    graph = model.subgraphs[0]
    return {
        graph.tensors[operator.outputs[0]].name.decode(): bytes(
            bytearray(
                model.buffers[graph.tensors[operator.inputs[1]].buffer].data
            )
        )
        for operator in graph.operators
        if len(operator.inputs) == 3
    }


def test_a_layer_of_too_many_inputs_keeps_its_weights(
    exact, plain, pictures, monkeypatch
):
    before, biases = _weights(plain), _biases(plain)
    first = next(iter(biases))  # of 3 x 3 x 3 inputs
    for most in (27, 26):
        monkeypatch.setattr(layer_correction, "_MOST_INPUTS", most)
        found = corrected_layers(exact, plain, pictures)
        assert (_weights(found)[first] == before[first]) == (most == 26)
        assert (_biases(found)[first][0] != biases[first][0]).any()


def test_scales_shapes_and_size_stay(plain, int8):
    files = [
        schema.ModelT.InitFromObj(schema.Model.GetRootAs(contents))
        for contents in (plain, int8)
    ]
    assert len(plain) == len(int8)
    for before, after in zip(
        *(file.subgraphs[0].tensors for file in files), strict=True
    ):
        assert before.name == after.name
        assert list(before.shape) == list(after.shape)
        if before.quantization and before.quantization.scale is not None:
            np.testing.assert_array_equal(
                before.quantization.scale, after.quantization.scale
            )


def test_it_is_determined_by_file_and_pictures(contents, int8, pictures):
    assert quantize_tflite(contents, "int8", pictures) == int8


def test_a_file_without_int8_layers_stays_as_it_is(contents, pictures):
    assert _biases(corrected_layers(contents, contents, pictures)) == {}
