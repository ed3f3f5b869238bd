"""Where the range of the pixels is known, and where it must be given."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.export.inference.pixel_range import check_input_range
from kerasfg.export.inference.pixel_range import pixel_scaling
from kerasfg.models import FineGrainedClassifier

# Means and variances of pixels, and of pixels over 255.
MEAN, VARIANCE = np.array([120.0, 110.0, 100.0]), np.full(3, 60.0**2)


def _model(*layers, dtype="float32"):
    images = keras.Input((8, 8, 3), dtype=dtype)
    x = images
    for layer in layers:
        x = layer(x)
    return keras.Model(images, keras.layers.GlobalAveragePooling2D()(x))


def _convolution():
    return keras.layers.Conv2D(4, 3, name="stem")


def _scaled(scaling, pixels):
    return np.asarray(scaling.apply(ops.convert_to_tensor(pixels)))


@pytest.fixture
def pixels(rng):
    return rng.integers(0, 256, (2, 3, 3, 3)).astype("float32")


@pytest.mark.parametrize("input_range", [(0, 255), (0, 1), (-1, 1)])
def test_range_is_spread_over_the_pixels(input_range, pixels):
    low, high = input_range
    scaling = pixel_scaling(_model(_convolution()), input_range)
    expected = np.empty_like(pixels)
    for place in np.ndindex(pixels.shape):
        expected[place] = low + (high - low) * float(pixels[place]) / 255
    np.testing.assert_allclose(_scaled(scaling, pixels), expected, atol=3e-7)
    np.testing.assert_allclose(scaling.prepare(pixels), expected, atol=3e-7)


def test_plain_pixels_need_no_arithmetic(pixels):
    tensor = ops.convert_to_tensor(pixels)
    scaling = pixel_scaling(_model(_convolution()), (0, 255))
    assert scaling.apply(tensor) is tensor


@pytest.mark.parametrize(
    "given", ["0,255", "0, 255", (0.0, 255.0), [0, 255], np.array([0, 255])]
)
def test_ways_to_write_a_range(given):
    assert check_input_range(given) == (0, 255)


@pytest.mark.parametrize(
    "given", ["255", "0,256", (255, 0), (0, 1, 2), 255, "a,b", (-1, 255)]
)
def test_other_ranges_are_refused(given):
    with pytest.raises(ValueError, match=r"\(-1, 1\). Received: input_range="):
        check_input_range(given)


def _adapted():
    layer = keras.layers.Normalization()
    layer.adapt(np.random.default_rng(0).uniform(0, 255, (9, 8, 8, 3)))
    return layer


@pytest.mark.parametrize(
    "make",
    [
        lambda: [keras.layers.Rescaling(1 / 255)],
        lambda: [keras.layers.Rescaling(1 / 127.5, offset=-1)],
        lambda: [keras.layers.Rescaling([0.017] * 3, offset=[-2.0] * 3)],
        lambda: [keras.layers.Normalization(mean=MEAN, variance=VARIANCE)],
        lambda: [_adapted()],
        lambda: [keras.layers.RandomFlip(), keras.layers.Rescaling(1 / 255)],
        lambda: [
            keras.layers.Resizing(16, 16),
            keras.layers.ZeroPadding2D(),
            keras.layers.Rescaling(1 / 255),
        ],
        lambda: [
            keras.Sequential(
                [keras.layers.RandomFlip(), keras.layers.RandomRotation(0.1)]
            ),
            keras.Sequential([keras.layers.Rescaling(1 / 255), _convolution()]),
        ],
    ],
)
def test_first_layer_shows_plain_pixels(make, pixels):
    scaling = pixel_scaling(_model(*make(), _convolution()))
    np.testing.assert_array_equal(_scaled(scaling, pixels), pixels)


def test_saved_normalization_shows_plain_pixels(tmp_path):
    _model(_adapted(), _convolution()).save(tmp_path / "m.keras")
    pixel_scaling(keras.saving.load_model(tmp_path / "m.keras"))


@pytest.mark.parametrize(
    "name", ["MobileNetV3Small", "EfficientNetB0", "EfficientNetV2B0"]
)
def test_preprocessing_inside_keras_applications(name, pixels):
    make = getattr(keras.applications, name)
    model = make(input_shape=(32, 32, 3), weights=None, include_top=False)
    np.testing.assert_array_equal(_scaled(pixel_scaling(model), pixels), pixels)


@pytest.mark.parametrize(
    "make",
    [
        _convolution,
        lambda: keras.layers.Rescaling(2, offset=-1, name="stem"),
        lambda: keras.layers.Rescaling(255, name="stem"),
        lambda: keras.layers.Rescaling(1, name="stem"),
        lambda: keras.layers.Rescaling(0, name="stem"),
        lambda: keras.layers.Normalization(name="stem"),
        lambda: keras.layers.Normalization(
            mean=MEAN / 255, variance=VARIANCE / 255**2, name="stem"
        ),
        lambda: keras.layers.Normalization(
            mean=MEAN, variance=VARIANCE, invert=True, name="stem"
        ),
        lambda: keras.layers.BatchNormalization(name="stem"),
        lambda: keras.layers.Lambda(lambda x: x / 255, name="stem"),
    ],
)
def test_any_other_first_layer_shows_nothing(make):
    with pytest.raises(
        ValueError,
        match=r"'stem' \(\w+\), does not show .*the `input_range`.*Received",
    ):
        pixel_scaling(_model(make()))


def test_both_of_two_branches_must_show_it():
    images = keras.Input((8, 8, 3))
    scaled = keras.layers.Rescaling(1 / 255)(images)
    also = keras.layers.Rescaling(1 / 127.5, -1)(images)
    model = keras.Model(images, keras.layers.Add()([scaled, also]))
    pixel_scaling(model)
    plain = keras.layers.AveragePooling2D(1, name="plain")(images)
    model = keras.Model(images, keras.layers.Add()([scaled, plain]))
    with pytest.raises(ValueError, match="'plain'"):
        pixel_scaling(model)


def test_whole_numbers_are_pixels(pixels):
    model = _model(_convolution(), dtype="uint8")
    np.testing.assert_array_equal(_scaled(pixel_scaling(model), pixels), pixels)
    with pytest.raises(ValueError, match=r"integers \(uint8\).*Received"):
        pixel_scaling(model, (0, 1))


class Renamed(FineGrainedClassifier):
    pass


@pytest.mark.parametrize("cls", [FineGrainedClassifier, Renamed])
def test_own_model_takes_pixels(cls, pixels):
    images = keras.Input((8, 8, 3))
    model = cls(keras.Model(images, _convolution()(images)), 3)
    np.testing.assert_array_equal(_scaled(pixel_scaling(model), pixels), pixels)


class WithCall(keras.Sequential):
    def call(self, inputs, training=None, mask=None):
        return super().call(inputs / 255)


def test_call_of_its_own_shows_nothing():
    layers = [keras.Input((8, 8, 3)), keras.layers.Rescaling(1 / 255)]
    pixel_scaling(keras.Sequential(layers))
    with pytest.raises(ValueError, match="its own `call`.*Received"):
        pixel_scaling(WithCall(layers))


def test_no_layer_at_all():
    images = keras.Input((8, 8, 3))
    with pytest.raises(ValueError, match="No layer acts on the pixels"):
        pixel_scaling(keras.Model(images, keras.layers.Identity()(images)))
