"""Layers that no file for the phone may hold."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasfg.export import export_onnx
from kerasfg.export import export_tflite
from kerasfg.export.inference.inference_graph import inference_graph


class Layer(keras.layers.Layer):
    """Applies `function` and keeps the shape of a map."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs):
        outputs = self.function(inputs)
        outputs.set_shape(inputs.shape)
        return outputs


class Noise(keras.layers.Layer):
    """Keras's own way to draw: a weight holds the state."""

    def __init__(self, always, **kwargs):
        super().__init__(**kwargs)
        self.always = always
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs, training=False):
        if not (training or self.always):
            return inputs
        return inputs + keras.random.normal(ops.shape(inputs), seed=self.seed)


class Counter(keras.layers.Layer):
    def build(self, input_shape):
        self.calls = self.add_weight(shape=(), initializer="zeros")

    def call(self, inputs):
        self.calls.assign_add(1.0)
        return inputs


def _resized(**kwargs):
    return keras.layers.Resizing(4, 4, name="culprit", **kwargs)


def _layer(function):
    return Layer(function, name="culprit")


def _in_a_loop(x):
    return ops.fori_loop(
        0, 3, lambda i, y: y + tf.random.normal((1, 7, 7, 8)), x
    )


FOURIER = {
    "ops": lambda x: ops.irfft(ops.rfft(x)),
    "tf": lambda x: tf.signal.irfft(tf.signal.rfft(x)),
    "2d": lambda x: tf.abs(tf.signal.fft2d(tf.cast(x, "complex64"))),
}


@pytest.mark.parametrize("way", FOURIER)
def test_fourier_transform(make_classifier, way):
    with pytest.raises(
        ValueError,
        match=r"constant matrices .*Received: .*FFT.* 'culprit' \(Layer\)",
    ):
        inference_graph(make_classifier(extra=_layer(FOURIER[way])))


@pytest.mark.parametrize(
    ("arguments", "operator"),
    [
        ({"antialias": True}, "ScaleAndTranslate"),
        ({"interpolation": "lanczos3"}, "ScaleAndTranslate"),
        ({"interpolation": "bicubic"}, "ResizeBicubic"),
        ({"interpolation": "area"}, "ResizeArea"),
    ],
)
def test_resizing(make_classifier, arguments, operator):
    with pytest.raises(
        ValueError,
        match=rf"resize by .*Received: {operator} in .*'culprit' \(Resizing\)",
    ):
        inference_graph(make_classifier(extra=_resized(**arguments)))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_plain_resizing_is_allowed(make_classifier, interpolation):
    inference_graph(
        make_classifier(extra=_resized(interpolation=interpolation))
    )


@pytest.mark.parametrize(
    ("function", "operator"),
    [
        (lambda x: tf.py_function(np.abs, [x], "float32"), "EagerPyFunc"),
        (lambda x: tf.numpy_function(np.abs, [x], "float32"), "PyFunc"),
    ],
)
def test_python_code(make_classifier, function, operator):
    with pytest.raises(
        ValueError, match=rf"keras.ops.*Received: {operator} in layer 'culprit'"
    ):
        inference_graph(make_classifier(extra=_layer(function)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: _layer(lambda x: x + tf.random.normal(tf.shape(x))),
        lambda: _layer(lambda x: tf.random.shuffle(x)),
        lambda: _layer(_in_a_loop),
        lambda: Noise(always=True, name="culprit"),
    ],
)
def test_random_numbers(make_classifier, make):
    with pytest.raises(
        ValueError, match=r"same probabilities: .*Received: .* layer 'culprit'"
    ):
        inference_graph(make_classifier(extra=make()))


def test_random_numbers_of_training_only(make_classifier):
    inference_graph(make_classifier(extra=Noise(always=False)))


def _printing(x):
    tf.print(x)
    return x


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.strings.to_number(tf.strings.as_string(x)),
        lambda x: x * tf.cast(tf.strings.length(tf.as_string(x)), "float32"),
        _printing,
    ],
)
def test_strings(make_classifier, function):
    with pytest.raises(
        ValueError, match=r"arithmetic. Received: .*String.* layer 'culprit'"
    ):
        inference_graph(make_classifier(extra=_layer(function)))


def test_assignment(make_classifier):
    with pytest.raises(
        ValueError,
        match=r"only constants.*AssignVariableOp in layer 'culprit' \(Counter",
    ):
        inference_graph(make_classifier(extra=Counter(name="culprit")))


@pytest.mark.parametrize("exporter", [export_tflite, export_onnx])
def test_lambda_that_no_converter_supports(make_classifier, exporter, tmp_path):
    def inverted(x):
        return tf.linalg.inv(tf.matmul(x, x, transpose_a=True) + tf.eye(8))

    layer = keras.layers.Lambda(inverted, (7, 8, 8), name="culprit")
    path = tmp_path / f"m.{exporter.__name__.partition('_')[2]}"
    with pytest.raises(
        ValueError, match=r"MatrixInverse in layer 'culprit' \(Lambda\)"
    ):
        exporter(make_classifier(extra=layer), path)
    assert not list(tmp_path.iterdir())


def test_what_no_output_needs_does_not_count(make_classifier):
    def wasteful(x):
        tf.signal.rfft(x)
        return x

    inference_graph(make_classifier(extra=_layer(wasteful)))


def test_an_assertion_is_left_to_the_converters(make_classifier):
    def certain(x):
        tf.debugging.assert_all_finite(x, "not finite")
        tf.debugging.assert_greater(tf.reduce_max(x), -1.0)
        return x

    inference_graph(make_classifier(extra=_layer(certain)))
