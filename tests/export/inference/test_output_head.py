"""Which output is exported, and whether it needs a softmax."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.export.inference.output_head import OutputHead
from kerasfg.export.inference.output_head import output_head
from kerasfg.models import FineGrainedClassifier


def _model(*layers, units=3):
    images = keras.Input((8, 8, 3))
    x = keras.layers.GlobalAveragePooling2D()(images)
    x = keras.layers.Dense(units, name="scores")(x)
    for layer in layers:
        x = layer(x)
    return keras.Model(images, x)


def _head(model, **kwargs):
    return output_head(model, model.output, **kwargs)


def _dense(activation):
    return keras.layers.Dense(3, activation=activation, name="last")


def test_logits_get_a_softmax(rng):
    logits = rng.normal(size=(4, 3)).astype("float32") * 30
    expected = np.empty_like(logits)
    for i, row in enumerate(logits.astype("float64")):
        powers = [np.exp(value - max(row)) for value in row]
        for j, power in enumerate(powers):
            expected[i, j] = power / sum(powers)
    head = OutputHead(0, "logits")
    given = head.apply(ops.convert_to_tensor(logits))
    np.testing.assert_allclose(given, expected, atol=1e-6)
    np.testing.assert_allclose(head.probabilities(logits), expected, atol=1e-6)


def test_probabilities_stay_as_they_are():
    given = np.array([[0.25, 0.75]], "float32")
    head = OutputHead(1, "probabilities")
    assert head.apply([None, given]) is given
    np.testing.assert_array_equal(head.probabilities([given, given]), given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: [_dense("softmax")],
        lambda: [keras.layers.Softmax()],
        lambda: [keras.layers.Activation("softmax")],
        lambda: [ops.softmax],
        lambda: [keras.activations.softmax],
        lambda: [keras.Sequential([keras.layers.ReLU(), _dense("softmax")])],
        lambda: [
            keras.layers.Softmax(),
            keras.layers.Activation("linear", dtype="float32"),
        ],
        lambda: [_dense("softmax"), keras.layers.Reshape((3,))],
    ],
)
def test_softmax_shows_probabilities(make):
    assert _head(_model(*make())) == OutputHead(0, "probabilities")


def test_own_model_gives_probabilities():
    images = keras.Input((8, 8, 3))
    backbone = keras.Model(images, keras.layers.Conv2D(4, 3)(images))
    model = FineGrainedClassifier(backbone, 3)
    outputs = keras.KerasTensor((None, 3))
    assert output_head(model, outputs) == OutputHead(0, "probabilities")


@pytest.mark.parametrize("layers", [[], [keras.layers.ReLU(name="last")]])
def test_anything_else_must_be_given(layers):
    name = "last" if layers else "scores"
    with pytest.raises(
        ValueError,
        match=rf"'{name}' \(\w+\), does not show .*`output`.*Received: output",
    ):
        _head(_model(*layers))
    for given in ("probabilities", "logits"):
        assert _head(_model(*layers), output=given).kind == given


def test_second_softmax_is_refused():
    with pytest.raises(ValueError, match="already has a softmax, in 'last'"):
        _head(_model(_dense("softmax")), output="logits")


@pytest.mark.parametrize("output", [None, "probabilities", "logits"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: _dense("sigmoid"),
        lambda: keras.layers.Activation("sigmoid", name="last"),
        lambda: ops.sigmoid,
    ],
)
def test_sigmoid_is_refused(make, output):
    with pytest.raises(ValueError, match="decides about each class.*Received"):
        _head(_model(make()), output=output)


@pytest.mark.parametrize(
    ("activation", "output", "kind"),
    [
        ("sigmoid", None, "probabilities"),
        (None, "logits", "logits"),
        (None, "probabilities", "probabilities"),
    ],
)
def test_one_number_is_of_the_second_of_two_classes(activation, output, kind):
    layers = [keras.layers.Activation(activation)] if activation else []
    head = _head(_model(*layers, units=1), output=output)
    assert head == OutputHead(0, kind, is_binary=True)
    assert head.num_classes == 2
    given = np.array([[0.25], [0.9]], "float32")
    expected = [[0.75, 0.25], [0.1, 0.9]]
    if kind == "logits":
        second = [1 / (1 + math.exp(-0.25)), 1 / (1 + math.exp(-0.9))]
        expected = [[1 - p, p] for p in second]
    applied = head.apply(ops.convert_to_tensor(given))
    np.testing.assert_allclose(applied, expected, atol=1e-6)
    np.testing.assert_allclose(head.probabilities(given), expected, atol=1e-6)


def test_one_number_must_say_whether_it_is_a_logit():
    with pytest.raises(ValueError, match="give the `output`"):
        _head(_model(units=1))


def test_softmax_of_one_number_is_refused():
    with pytest.raises(ValueError, match="always 1.*Received: activation"):
        _head(_model(keras.layers.Softmax(), units=1))


def test_feature_map_is_no_classifier():
    images = keras.Input((8, 8, 3))
    model = keras.Model(images, keras.layers.Softmax()(images))
    with pytest.raises(ValueError, match=r"float32 \(None, 8, 8, 3\)"):
        _head(model)


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="\"logits\". Received: output='raw'"):
        _head(_model(), output="raw")


# === Several outputs ===


def _two_outputs(as_dictionary):
    images = keras.Input((8, 8, 3))
    x = keras.layers.GlobalAveragePooling2D()(images)
    logits = keras.layers.Dense(3, name="scores")(x)
    outputs = [keras.layers.Softmax(name="shares")(logits), logits]
    if as_dictionary:
        outputs = dict(zip(("sure", "raw"), outputs, strict=True))
    return keras.Model(images, outputs)


@pytest.mark.parametrize(
    ("as_dictionary", "names"),
    [(False, ("shares", "scores")), (True, ("sure", "raw"))],
)
def test_one_of_several_is_named(as_dictionary, names):
    model = _two_outputs(as_dictionary)
    flat = keras.tree.flatten(model.output)
    shares, scores = names
    head = _head(model, output_name=shares)
    assert head.kind == "probabilities"
    assert "shares" in flat[head.index]._keras_history.operation.name
    head = _head(model, output_name=scores, output="logits")
    assert "scores" in flat[head.index]._keras_history.operation.name


def test_layer_of_a_key_is_a_name_too():
    model = _two_outputs(as_dictionary=True)
    assert _head(model, output_name="shares") == _head(
        model, output_name="sure"
    )


@pytest.mark.parametrize("name", [None, "pooled"])
@pytest.mark.parametrize(
    ("as_dictionary", "known"),
    [(False, "'shares', 'scores'"), (True, "'raw', 'sure'")],
)
def test_names_are_listed(name, as_dictionary, known):
    with pytest.raises(
        ValueError,
        match=f"2 outputs[:;] .* {known}. Received: output_name={name!r}",
    ):
        _head(_two_outputs(as_dictionary), output_name=name)


def test_only_output_may_be_named():
    model = _model(_dense("softmax"))
    assert _head(model, output_name="last").index == 0
    with pytest.raises(ValueError, match="is 'last'.*Received: output_name="):
        _head(model, output_name="first")


def test_two_outputs_of_one_layer_go_by_their_place():
    images = keras.Input((8, 8, 3))
    x = keras.layers.GlobalAveragePooling2D()(images)
    layer = keras.layers.Dense(3, activation="softmax", name="twice")
    model = keras.Model(images, [layer(x), layer(x * 2)])
    assert _head(model, output_name="1").index == 1
    with pytest.raises(ValueError, match="2 outputs"):
        _head(model, output_name="twice")
