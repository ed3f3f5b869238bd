"""What every layer must do, and the numbers a gradient is compared with."""

import keras
import numpy as np
import pytest

from kerasfg.export import export_onnx
from kerasfg.export import export_tflite
from kerasfg.export import load


@pytest.fixture
def check_layer(tmp_path):
    """Returns `check(cls, init_kwargs, input_shape, output_shape, trainable)`.

    It asserts build, config, saving, symbolic and eager calls, any size of
    batch and map, float16 and XLA. `input_shape` may be a list of shapes.
    """

    def check(cls, init_kwargs, input_shape, output_shape, trainable=0):
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        x = _as_given(_random_maps(shapes))
        layer = cls(**init_kwargs)
        y = np.asarray(layer(x))
        assert y.shape == output_shape
        assert len(layer.trainable_weights) == trainable
        assert layer.compute_output_shape(input_shape) == output_shape
        for value in keras.tree.flatten(list(vars(layer).values())):
            is_weight = isinstance(value, keras.Variable)
            assert is_weight or not keras.ops.is_tensor(value)

        config = layer.get_config()
        assert set(init_kwargs) <= set(config)
        assert cls.from_config(config).get_config() == config

        _check_model(layer, x, y, [s[1:] for s in shapes], tmp_path)
        # A 5 x 4 map and a 4 x 5 map go through the same weights.
        model = _model(layer, [(None, None, s[3]) for s in shapes])
        _close(model.predict(x, verbose=0), y)
        turned = keras.tree.map_structure(lambda a: a.swapaxes(1, 2), x)
        _close(model.predict(turned, verbose=0), layer(turned))

        one = keras.tree.map_structure(lambda a: a[:1], x)
        _close(layer(one), y[:1])
        _check_float16(cls(**init_kwargs, dtype="mixed_float16"), x)
        _check_training(layer, x, y, [s[1:] for s in shapes])

    return check


def _random_maps(shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def _as_given(values):
    return values[0] if len(values) == 1 else values


def _model(layer, shapes):
    inputs = [keras.Input(shape) for shape in shapes]
    return keras.Model(inputs, layer(_as_given(inputs)))


def _check_model(layer, x, y, shapes, tmp_path):
    model = _model(layer, shapes)
    assert model.output_shape == (None, *y.shape[1:])
    _close(model.predict(x, verbose=0), y)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")  # no custom_objects
    np.testing.assert_array_equal(
        model.predict(x, verbose=0), again.predict(x, verbose=0)
    )


def _check_training(layer, x, y, shapes):
    """One compiled step, whose gradient goes through the layer."""
    inputs = [keras.Input(shape) for shape in shapes]
    maps = [
        keras.layers.Conv2D(shape[-1], 1)(i)
        for i, shape in zip(inputs, shapes, strict=True)
    ]
    model = keras.Model(inputs, layer(_as_given(maps)))
    before = [weight.numpy() for weight in model.trainable_weights]
    model.compile("sgd", "mse", jit_compile=True)
    # Not zeros: all vectors of unit norm are as far from them.
    model.fit(x, np.ones_like(y).cumsum(axis=-1), verbose=0)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.isfinite(weight.numpy()).all()
        assert (weight.numpy() != old).any()


def _check_float16(half, x):
    assert keras.backend.standardize_dtype(half(x).dtype) == "float16"
    # Their squares are far beyond 65,504, float16's largest number.
    large = keras.tree.map_structure(lambda a: 1e4 * a.clip(-3, 3), x)
    assert np.isfinite(np.asarray(half(large), "float32")).all()


def _close(given, expected):
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-6)


@pytest.fixture
def gradient_of(gradient):
    """Returns `of(layer, maps, direction, **call)`: the derivative of
    `sum(layer(maps) * direction)` by each map."""

    def of(layer, maps, direction, **call):
        def total(*maps):
            return keras.ops.sum(layer(_as_given(maps), **call) * direction)

        if not layer.built:  # a trace has no place for new variables
            layer.build(_as_given([x.shape for x in maps]))
        return gradient(total, *[np.asarray(x, "float32") for x in maps])

    return of


@pytest.fixture
def finite_differences():
    """Returns `slope(function, maps)`: that derivative of a NumPy function."""

    def slope(function, maps, step=1e-5):
        maps = [np.array(x, "float64") for x in maps]
        slopes = [np.zeros_like(x) for x in maps]
        for x, out in zip(maps, slopes, strict=True):
            for index in np.ndindex(*x.shape):
                value = x[index]
                x[index] = value + step
                above = function(*maps)
                x[index] = value - step
                out[index] = (above - function(*maps)) / (2 * step)
                x[index] = value
        return slopes

    return slope


@pytest.fixture
def check_export(tmp_path):
    """Returns `check(layer, streams)`, which exports a classifier on it.

    `streams` is the number of maps the layer takes. Both files must hold
    builtin operators only and give what Keras gives; the function returns the
    operators of the `.tflite`.
    """

    def check(layer, streams=1):
        model = _classifier(layer, streams)
        shape = (6, 16, 16, 3)
        images = np.random.default_rng(1).integers(0, 256, shape, "uint8")
        expected = model.predict(images.astype("float32"), verbose=0)
        assert np.ptp(expected, axis=0).max() > 0.01  # pictures do differ
        operators = {}
        for suffix, exporter in (
            ("tflite", export_tflite),
            ("onnx", export_onnx),
        ):
            exporter(model, tmp_path / f"model.{suffix}")
            classifier = load(tmp_path / f"model.{suffix}")
            _close(classifier.predict(images), expected)
            operators[suffix] = set(classifier.operators)
            assert not [x for x in classifier.operators if ":" in x]
        return operators["tflite"]

    return check


def _classifier(layer, streams):
    keras.utils.set_random_seed(7)
    images = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    maps = [
        keras.layers.Conv2D(6 + i, 3, strides=4, activation="relu")(x)
        for i in range(streams)
    ]
    x = keras.layers.Flatten()(layer(_as_given(maps)))
    x = keras.layers.Dense(5)(x)
    return keras.Model(images, keras.layers.Softmax()(x))
