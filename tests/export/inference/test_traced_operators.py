"""Which layer an operator is of."""

import keras
import tensorflow as tf
from keras import ops

from kerasfg.export.inference.traced_operators import TracedOperators


def _traced(*layers):
    images = keras.Input((4, 4, 3))
    x = images
    for layer in layers:
        x = layer(x)
    model = keras.Model(images, x)
    function = tf.function(
        lambda x: model(x), [tf.TensorSpec((1, 4, 4, 3))], autograph=False
    )
    return TracedOperators(function.get_concrete_function(), model)


class Tangent(keras.layers.Layer):
    def call(self, inputs):
        return ops.tan(inputs)


class Repeated(keras.layers.Layer):
    def call(self, inputs):
        return ops.fori_loop(0, 3, lambda i, x: ops.tan(x), inputs)


def test_layer_and_class():
    traced = _traced(keras.layers.ReLU(), Tangent(name="slope"))
    assert {"Relu", "Tan"} <= traced.names
    assert traced.places({"Tan"}) == "Tan in layer 'slope' (Tangent)"


def test_numbered_names_are_distinguished():
    layers = [keras.layers.ReLU(name="block"), Tangent(name="block_1")]
    assert (
        _traced(*layers).places({"Tan"}) == "Tan in layer 'block_1' (Tangent)"
    )
    layers = [Tangent(name="block"), keras.layers.ReLU(name="block_1")]
    assert _traced(*layers).places({"Tan"}) == "Tan in layer 'block' (Tangent)"


def test_innermost_layer():
    inner = keras.Sequential([Tangent(name="slope")], name="inner")
    assert _traced(inner).places({"Tan"}) == "Tan in layer 'slope' (Tangent)"


def test_body_of_a_loop():
    place = "Tan in layer 'turned' (Repeated)"
    assert _traced(Repeated(name="turned")).places({"Tan"}) == place


def test_each_place_once():
    places = _traced(Tangent(name="a"), Tangent(name="b")).places({"Tan"})
    assert places == "Tan in layer 'a' (Tangent); Tan in layer 'b' (Tangent)"


def test_operator_that_is_not_there():
    assert _traced(keras.layers.ReLU()).places({"Tan", "Cos"}) == "Cos, Tan"
