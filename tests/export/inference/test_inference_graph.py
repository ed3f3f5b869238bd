"""The traced function, and the same by Keras alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasfg.export.inference.inference_graph import inference_graph


def _by_function(graph, images):
    rows = [
        graph.function(tf.constant(image[None]))["probabilities"]
        for image in images
    ]
    return np.concatenate([row.numpy() for row in rows])


def _classifier(*first, size=16, batch_size=None, last="softmax"):
    keras.utils.set_random_seed(3)
    images = keras.Input((size, size, 3), batch_size)
    x = images
    for layer in first:
        x = layer(x)
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    large = keras.initializers.RandomNormal(stddev=3.0, seed=19)
    x = keras.layers.Dense(5, activation=last, kernel_initializer=large)(x)
    return keras.Model(images, x)


def test_contract(tiny_classifier, pictures, probabilities):
    graph = inference_graph(tiny_classifier)
    concrete = graph.function.get_concrete_function()
    (image,) = concrete.structured_input_signature[0]
    assert image == tf.TensorSpec((1, 16, 16, 3), "uint8", "image")
    assert concrete.structured_outputs.keys() == {"probabilities"}
    output = concrete.structured_outputs["probabilities"]
    assert output.shape == (1, 5)
    assert output.dtype == "float32"
    assert (graph.image_size, graph.num_classes) == (16, 5)
    given = graph.predict(pictures)
    assert given.dtype == "float32"
    np.testing.assert_allclose(given, probabilities, atol=1e-6)
    np.testing.assert_allclose(
        _by_function(graph, pictures), probabilities, atol=1e-6
    )


@pytest.mark.parametrize(
    ("input_range", "first", "output"),
    [
        ((0, 255), keras.layers.Rescaling(1 / 50), "softmax"),
        ((0, 1), None, "softmax"),
        ("-1,1", None, "softmax"),
        ((-1, 1), None, None),
    ],
)
def test_given_range_and_logits(input_range, first, output, pictures):
    model = _classifier(*[first] * (first is not None), last=output)
    graph = inference_graph(
        model, input_range, "probabilities" if output else "logits"
    )
    low, high = {"-1,1": (-1, 1)}.get(input_range, input_range)
    scaled = low + pictures.astype("float64") * (high - low) / 255
    expected = model.predict(scaled.astype("float32"), verbose=0)
    if not output:
        powers = np.exp(expected.astype("float64"))
        expected = powers / powers.sum(1, keepdims=True)
    assert np.ptp(expected, axis=0).max() > 0.01  # the pictures differ
    np.testing.assert_allclose(graph.predict(pictures), expected, atol=2e-6)
    np.testing.assert_allclose(
        _by_function(graph, pictures), expected, atol=2e-6
    )


def test_predict_calls_keras_and_not_the_function(tiny_classifier, pictures):
    graph = inference_graph(tiny_classifier)
    kernel = tiny_classifier.get_layer("logits").kernel
    traced = graph.function.get_concrete_function()
    before = kernel.numpy()
    calls = []
    object.__setattr__(graph, "function", lambda image: calls.append(image))
    try:
        kernel.assign(0 * before)
        np.testing.assert_allclose(graph.predict(pictures), 0.2, atol=1e-6)
    finally:
        kernel.assign(before)
    assert not calls
    assert traced is not None


@pytest.mark.parametrize("batch_size", [1, 5, 12, 32])
def test_batches_do_not_matter(tiny_classifier, pictures, batch_size):
    graph = inference_graph(tiny_classifier)
    np.testing.assert_allclose(
        graph.predict(pictures, batch_size), graph.predict(pictures), atol=1e-6
    )


def test_model_of_one_picture(pictures):
    model = _classifier(batch_size=1)
    graph = inference_graph(model, (0, 1))
    given = graph.predict(pictures)
    np.testing.assert_allclose(given, _by_function(graph, pictures), atol=2e-6)


def test_uint8_input(pictures):
    images = keras.Input((16, 16, 3), dtype="uint8")
    model = keras.Model(images, _classifier()(images))
    graph = inference_graph(model)
    expected = model.predict(pictures, verbose=0)
    np.testing.assert_allclose(graph.predict(pictures), expected, atol=2e-6)
    np.testing.assert_allclose(
        _by_function(graph, pictures), expected, atol=2e-6
    )


class Own(keras.Model):
    """A subclass that gives a dictionary, and has dropout."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(5)

    def call(self, inputs, training=False):
        x = ops.mean(inputs, (1, 2))
        if training:
            x = keras.random.dropout(x, 0.5)
        return {"features": x, "scores": self.dense(x)}


def test_subclass_with_a_dictionary(pictures):
    model = Own()
    expected = ops.softmax(model(pictures / np.float32(255))["scores"])
    graph = inference_graph(model, (0, 1), "logits", "scores")
    np.testing.assert_allclose(graph.predict(pictures), expected, atol=1e-6)
    np.testing.assert_allclose(
        _by_function(graph, pictures), expected, atol=1e-6
    )
    with pytest.raises(ValueError, match="'features', 'scores'. Received"):
        inference_graph(model, (0, 1), "logits")


def test_grouped_convolution_is_in_the_graph_itself(make_classifier):
    model = make_classifier(extra=keras.layers.Conv2D(8, 3, groups=4))
    graph = inference_graph(model).function.get_concrete_function().graph
    kinds = {operation.type for operation in graph.get_operations()}
    assert "Conv2D" in kinds
    assert not [kind for kind in kinds if "PartitionedCall" in kind]
    assert not tf.config.functions_run_eagerly()


class Branching(keras.layers.Layer):
    """Beside a grouped convolution, a function that needs AutoGraph."""

    def build(self, input_shape):
        self.grouped = keras.layers.Conv2D(8, 1, groups=2)
        self.grouped.build(input_shape)

    def call(self, inputs):
        return self.halved(self.grouped(inputs))

    @tf.function
    def halved(self, inputs):
        while tf.reduce_max(inputs) > 1:
            inputs = inputs / 2
        return inputs


def test_functions_that_need_autograph_stay_functions(
    make_classifier, pictures
):
    graph = inference_graph(make_classifier(extra=Branching()))
    images = pictures[:1]
    np.testing.assert_allclose(
        _by_function(graph, images), graph.predict(images), atol=1e-6
    )


def test_only_keras_models():
    with pytest.raises(ValueError, match="Received: model=Dense"):
        inference_graph(keras.layers.Dense(3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_range": (0, 2)}, "Received: input_range="),
        ({"output": "scores"}, "Received: output="),
        ({"output_name": "pooled"}, "Received: output_name="),
    ],
)
def test_rejects_arguments(tiny_classifier, arguments, message):
    with pytest.raises(ValueError, match=message):
        inference_graph(tiny_classifier, **arguments)


class Fails(keras.layers.Layer):
    def call(self, inputs):
        if inputs.shape[0] == 1:
            raise TypeError("two pictures, please")
        return inputs


def test_model_that_does_not_run_on_one_picture(make_classifier):
    with pytest.raises(
        ValueError, match="(?s)16 pixels: .*two pictures"
    ) as info:
        inference_graph(make_classifier(extra=Fails()))
    assert info.value.__cause__ is not None


def test_rows_that_are_not_of_the_pictures(pictures):
    images = keras.Input((16, 16, 3))
    mixed = keras.layers.Lambda(lambda x: x[:1], name="first")(images)
    model = keras.Model(images, _classifier()(mixed))
    graph = inference_graph(model, (0, 1))
    with pytest.raises(ValueError, match="Received: 1 rows for 12 pictures"):
        graph.predict(pictures)


def test_sums_that_are_not_one(pictures):
    model = _classifier(last="softplus")
    graph = inference_graph(model, (0, 1), "probabilities")
    with pytest.raises(ValueError, match="add up to 1: .*Received: sums from"):
        graph.predict(pictures)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite(make_classifier, value):
    model = make_classifier()
    bias = model.get_layer("logits").bias
    bias.assign(bias + value)
    with pytest.raises(ValueError, match="'logits/bias' is infinite or not"):
        inference_graph(model)


def test_numbers_that_are_not_finite(make_classifier, pictures):
    model = make_classifier()
    kernel = model.get_layer("logits").kernel
    kernel.assign(kernel * 0 + 3e38)  # finite, but its products are not
    with pytest.raises(ValueError, match="finite numbers.*picture"):
        inference_graph(model).predict(pictures)
