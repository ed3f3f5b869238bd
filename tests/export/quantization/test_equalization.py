"""Channels of a residual stream, brought to similar ranges."""

import keras
import numpy as np
import pytest

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.quantization.equalization import equalized
from kerasfg.export.quantization.value_ranges import keeping_interpreter
from kerasfg.export.tflite import convert_tflite


class Block(keras.layers.Layer):
    """A stream of ten channels of very different ranges, with a sum."""

    def __init__(self, activation=None):
        super().__init__()
        conv = keras.layers.Conv2D
        self.first = conv(10, 1, activation=activation)
        self.wide = conv(16, 1, activation="relu6")
        self.depthwise = keras.layers.DepthwiseConv2D(
            3, padding="same", activation="relu6"
        )
        self.narrow = conv(10, 1)
        self.last = conv(12, 1, activation="relu6")

    def call(self, x):
        x = self.first(x)
        return self.last(
            keras.ops.add(x, self.narrow(self.depthwise(self.wide(x))))
        )


def _file(make_classifier, **options):
    block = Block(**options)
    model = make_classifier(extra=block)
    for i, layer in enumerate((block.first, block.narrow), 1):
        kernel = np.array(layer.kernel)
        layer.kernel.assign(kernel * np.logspace(-2, 1, 10, dtype="float32"))
        # Equal ones would be stored once, which forbids to scale them.
        layer.bias.assign(i * np.linspace(-0.1, 0.1, 10))
    return convert_tflite(inference_graph(model))


@pytest.fixture(scope="module")
def contents(make_classifier):
    return _file(make_classifier)


@pytest.fixture(scope="module")
def scaled(contents, pictures):
    return equalized(contents, pictures)


def _values(contents, images):
    """`{name: values}` of all computed float32 tensors."""
    interpreter = keeping_interpreter(contents)
    source = interpreter.get_input_details()[0]["index"]
    found = {}
    for image in images:
        interpreter.set_tensor(source, image[None])
        interpreter.invoke()
        for detail in interpreter.get_tensor_details():
            if detail["dtype"] == np.float32 and detail["name"]:
                values = interpreter.get_tensor(detail["index"])
                found.setdefault(detail["name"], []).append(values)
    return {name: np.stack(values) for name, values in found.items()}


def _spread(values):
    ranges = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
    return ranges.max() / ranges.min()


def test_the_function_does_not_change(contents, scaled):
    images = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3), "uint8")
    before, after = _values(contents, images), _values(scaled, images)
    assert contents != scaled
    changed = {
        name
        for name in before
        if not np.allclose(before[name], after[name], rtol=1e-4, atol=1e-4)
    }
    probabilities = keeping_interpreter(contents).get_output_details()[0]
    assert probabilities["name"] in before.keys() - changed
    # The stream; and weights of the convolutions around it.
    assert any(before[name].shape[1:] == (1, 7, 7, 10) for name in changed)


def test_ranges_of_the_stream_are_nearer_to_each_other(
    contents, scaled, pictures
):
    before, after = _values(contents, pictures), _values(scaled, pictures)
    streams = [
        name
        for name, values in before.items()
        if values.shape[1:] == (1, 7, 7, 10)
    ]
    assert len(streams) == 3  # two convolutions and their sum
    for name in streams:
        assert _spread(after[name]) < 0.5 * _spread(before[name])
        factors = np.median(after[name] / before[name], axis=(0, 1, 2, 3))
        np.testing.assert_allclose(
            after[name], before[name] * factors, rtol=1e-3, atol=1e-4
        )


def test_factors_are_what_a_range_lacks(scaled, contents, pictures):
    before, after = _values(contents, pictures), _values(scaled, pictures)
    streams = [
        name
        for name, values in before.items()
        if values.shape[1:] == (1, 7, 7, 10)
    ]
    ranges = np.max(
        [np.abs(before[name]).max(axis=(0, 1, 2, 3)) for name in streams],
        axis=0,
    )
    found = np.abs(after[streams[0]]).max(axis=(0, 1, 2, 3))
    given = np.abs(before[streams[0]]).max(axis=(0, 1, 2, 3))
    np.testing.assert_allclose(found / given, ranges.max() / ranges, rtol=1e-3)


@pytest.mark.parametrize("activation", ["relu6", "relu"])
def test_a_stream_behind_an_activation_stays(
    make_classifier, pictures, activation
):
    contents = _file(make_classifier, activation=activation)
    assert equalized(contents, pictures) == contents


def test_a_network_without_streams_stays(tiny_classifier, pictures):
    contents = convert_tflite(inference_graph(tiny_classifier))
    assert equalized(contents, pictures) == contents
