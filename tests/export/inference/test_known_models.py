"""KerasHub's own classifiers, whose preprocessor is outside the graph."""

import keras
import numpy as np
import pytest

from kerasfg.export import export_onnx
from kerasfg.export import export_tflite
from kerasfg.export import load
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.inference.known_models import image_converter
from kerasfg.export.inference.known_models import is_hub_classifier

SCALE = [1 / 255 / deviation for deviation in (0.229, 0.224, 0.225)]
OFFSET = [-2.1179, -2.0357, -1.8044]


@pytest.fixture
def hub_classifier():
    """A function that makes a small KerasHub ResNet, without a download."""
    import keras_hub

    def make(size=(None, None), activation=None, converter=None, **kwargs):
        keras.utils.set_random_seed(5)
        backbone = keras_hub.models.ResNetBackbone(
            input_conv_filters=[64],
            input_conv_kernel_sizes=[3],
            stackwise_num_filters=[64, 8],
            stackwise_num_blocks=[1, 1],
            stackwise_num_strides=[1, 2],
            block_type="basic_block",
            image_shape=(*size, 3),
        )
        if converter is None:
            given = {"image_size": (32, 32), "scale": SCALE, "offset": OFFSET}
            converter = keras_hub.layers.ResNetImageConverter(**given | kwargs)
        preprocessor = converter
        if not isinstance(converter, str):
            preprocessor = keras_hub.models.ResNetImageClassifierPreprocessor(
                converter
            )
        model = keras_hub.models.ResNetImageClassifier(
            backbone=backbone,
            num_classes=4,
            preprocessor=None if converter == "none" else preprocessor,
            activation=activation,
        )
        kernel = model.layers[-1].kernel
        rng = np.random.default_rng(0)
        kernel.assign(rng.normal(size=kernel.shape) * 3)
        return model

    return make


@pytest.fixture
def photos(rng):
    noise = rng.integers(0, 256, (6, 32, 32, 3))
    tint = rng.integers(0, 256, (6, 1, 1, 3))
    return ((noise + 2 * tint) // 3).astype("uint8")


@pytest.mark.slow
@pytest.mark.parametrize("activation", [None, "softmax"])
def test_files_give_what_predict_gives(
    hub_classifier, photos, activation, tmp_path
):
    model = hub_classifier(activation=activation)
    export_tflite(model, tmp_path / "m.tflite")
    export_onnx(model, tmp_path / "m.onnx")
    expected = model.predict(photos, verbose=0)  # resizes and scales
    if activation is None:
        powers = np.exp(expected)
        expected = powers / powers.sum(axis=1, keepdims=True)
    assert np.ptp(expected, axis=0).max() > 0.01
    for name in ("m.tflite", "m.onnx"):
        given = load(tmp_path / name).predict(photos)
        np.testing.assert_allclose(given, expected, atol=1e-5)


def test_picture_size_is_that_of_the_preprocessor(hub_classifier):
    assert inference_graph(hub_classifier()).image_size == 32
    model = hub_classifier(size=(40, 40), image_size=None)
    assert inference_graph(model).image_size == 40


@pytest.mark.parametrize(
    ("scale", "offset", "expected"),
    [(None, None, 200), (0.5, None, 100), (1 / 127.5, -1, 200 / 127.5 - 1)],
)
def test_scale_and_offset(hub_classifier, scale, offset, expected):
    model = hub_classifier(scale=scale, offset=offset)
    scaling = inference_graph(model).scaling
    pixels = np.full((1, 32, 32, 3), 200, "float32")
    np.testing.assert_allclose(scaling.apply(pixels), expected, rtol=1e-6)
    np.testing.assert_allclose(scaling.prepare(pixels), expected, rtol=1e-6)


def test_given_range_goes_before_the_preprocessor(hub_classifier, photos):
    model = hub_classifier()
    graph = inference_graph(model, (-1, 1))
    expected = model(photos.astype("float32") / 127.5 - 1)
    powers = np.exp(np.asarray(expected))
    np.testing.assert_allclose(
        graph.predict(photos),
        powers / powers.sum(axis=1, keepdims=True),
        atol=1e-5,
    )


def test_no_size_at_all(hub_classifier):
    with pytest.raises(ValueError, match="fixed picture size"):
        inference_graph(hub_classifier(image_size=None))


def test_no_preprocessor(hub_classifier):
    model = hub_classifier(size=(32, 32), converter="none")
    assert image_converter(model) is None
    with pytest.raises(ValueError, match="'conv1_conv' .*the `input_range`"):
        inference_graph(model)
    inference_graph(model, (0, 1))


def test_converter_with_a_call_of_its_own(hub_classifier):
    import keras_hub

    class Squared(keras_hub.layers.ImageConverter):
        def call(self, inputs):
            return super().call(inputs) ** 2

    converter = Squared(image_size=(32, 32), scale=SCALE, offset=OFFSET)
    model = hub_classifier(size=(32, 32), converter=converter)
    assert image_converter(model) is None
    with pytest.raises(ValueError, match="give the `input_range`"):
        inference_graph(model)


def test_scale_that_is_no_constant_per_channel(hub_classifier):
    model = hub_classifier(scale=[1.0, 2.0])
    with pytest.raises(
        ValueError, match="'ResNetImageConverter' .*give the `input_range`"
    ):
        inference_graph(model)


def test_which_models_are_of_the_hub(hub_classifier, tiny_classifier):
    assert is_hub_classifier(hub_classifier())
    assert not is_hub_classifier(tiny_classifier)
