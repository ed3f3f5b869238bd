"""Walks through the layers of nested models."""

import keras
import pytest

from kerasfg.export.inference.layer_graph import first_operations
from kerasfg.export.inference.layer_graph import has_graph
from kerasfg.export.inference.layer_graph import last_operation


class Halved(keras.Model):
    """A functional model whose `call` does more than its graph."""

    def call(self, inputs):
        return super().call(inputs / 2)


class Bare(keras.Model):
    def call(self, inputs):
        return inputs


def _graph():
    images = keras.Input((8, 8, 3))
    return images, keras.layers.Conv2D(4, 3, name="a")(images)


def test_which_models_have_a_graph():
    model = keras.Model(*_graph())
    assert has_graph(model)
    assert has_graph(keras.Sequential([keras.Input((8, 8, 3)), model]))
    assert not has_graph(Bare())
    assert not has_graph(keras.Sequential([keras.layers.Dense(3)]))
    assert not has_graph(model.layers[1])


@pytest.mark.parametrize("nested", [False, True])
def test_both_ends(nested):
    images = keras.Input((8, 8, 3))
    x = keras.layers.RandomFlip()(images)
    inner = keras.Sequential(
        [keras.layers.Identity(), keras.layers.ReLU(name="first")]
    )
    x = keras.layers.ReLU(name="first")(x) if not nested else inner(x)
    x = keras.layers.ReLU(name="between")(x)
    inner = keras.Sequential(
        [keras.layers.ReLU(name="last"), keras.layers.Dropout(0.5)]
    )
    x = keras.layers.ReLU(name="last")(x) if not nested else inner(x)
    model = keras.Model(images, keras.layers.Flatten()(x))
    assert [layer.name for layer in first_operations(model)] == ["first"]
    assert last_operation(model.outputs[0]).name == "last"


def test_a_layer_of_another_model_is_not_met():
    images, features = _graph()
    keras.Model(images, keras.layers.ReLU(name="elsewhere")(images))
    first = first_operations(keras.Model(images, features))
    assert [layer.name for layer in first] == ["a"]


def test_a_model_with_its_own_call_has_no_graph():
    images, features = _graph()
    halved = Halved(images, features, name="halved")
    assert not has_graph(halved)
    outer = keras.Input((8, 8, 3))
    model = keras.Model(outer, halved(outer))
    assert first_operations(model) == [halved]
    assert last_operation(model.outputs[0]) is halved
