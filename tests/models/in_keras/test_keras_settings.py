"""Layers, backbones and classifiers whatever `keras.json` says."""

import keras
import numpy as np
import pytest

from kerasfg.layers import BilinearPooling
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.layers import ResidualSigmoidAttention
from kerasfg.models.backbones import backbone

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
POOLINGS = (
    BilinearPooling,
    CompactBilinearPooling,
    HierarchicalBilinearPooling,
)


@pytest.fixture
def channels_first():
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


@pytest.fixture(
    params=[
        "float16",
        pytest.param("bfloat16", marks=pytest.mark.slow),
        pytest.param("float64", marks=pytest.mark.slow),
    ]
)
def floatx(request):
    if (keras.backend.backend(), request.param) == ("jax", "float64"):
        pytest.skip("JAX has no float64 unless it is asked for")
    keras.config.set_floatx(request.param)
    keras.config.set_dtype_policy(
        request.param
    )  # that of `floatx` at the start
    yield request.param
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("cls", POOLINGS)
def test_poolings_refuse_channels_first(cls, channels_first):
    for chosen in ({}, {"data_format": "channels_first"}):
        with pytest.raises(
            ValueError, match="pass data_format='channels_last'"
        ):
            cls(**chosen)
    layer = cls(data_format="channels_last")  # which is saved with it
    assert cls.from_config(layer.get_config()).data_format == "channels_last"


def test_attention_takes_any_format(channels_first):
    maps = np.ones((2, 3, 4, 5), "float32")
    assert ResidualSigmoidAttention()(maps).shape == (2, 3, 4, 5)


@pytest.mark.parametrize(
    "name",
    [
        "efficientnet_lite0",
        pytest.param("mobilenet_v3_small", marks=pytest.mark.slow),
    ],
)
def test_a_backbone_is_the_same(name, channels_first):
    shapes = []
    for data_format in ("channels_first", "channels_last"):
        keras.config.set_image_data_format(data_format)
        model = backbone(name, 32, 40, 16, weights=None)
        assert keras.config.image_data_format() == data_format
        shapes.append([layer.output.shape for layer in model.layers])
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("pooling", ["average", "bilinear", "compact_bilinear"])
def test_a_classifier_is_the_same(
    classifier, pictures, tiny_backbone, tmp_path, pooling
):
    model = classifier(pooling=pooling, attention=True)
    model.save(tmp_path / "model.keras")
    network = tiny_backbone()
    keras.config.set_image_data_format("channels_first")
    try:
        again = keras.saving.load_model(tmp_path / "model.keras")
        new = classifier(network, pooling=pooling)
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(again(pictures[0]), model(pictures[0]))
    shape = model.network.output["features"].shape
    assert new.network.output["features"].shape == shape


def test_a_backbone_with_its_channels_first_is_refused(classifier):
    images = keras.Input((3, 16, 16))
    layer = keras.layers.AveragePooling2D(
        2, data_format="channels_first", name="shrink"
    )
    inner = keras.Model(images, layer(images), name="inner")
    for network in (inner, keras.Model(images, inner(images))):
        with pytest.raises(ValueError, match="Received: the layer 'shrink'"):
            classifier(network)


@pytest.mark.parametrize(
    "pooling",
    [
        "average",
        "bilinear",
        lambda: CompactBilinearPooling(16),
        lambda: CompactBilinearPooling(16, "random_maclaurin"),
        lambda: HierarchicalBilinearPooling(8),
    ],
    ids=["average", "bilinear", "sketch", "maclaurin", "hierarchical"],
)
def test_every_float_type_trains(floatx, classifier, pictures, table, pooling):
    from kerasfg.losses import ClassVariance

    images = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 255)(images)
    maps = [keras.layers.Conv2D(4, 3, 4)(x) for _ in range(2)]
    layer = pooling() if callable(pooling) else pooling
    several = isinstance(layer, HierarchicalBilinearPooling)
    model = classifier(
        keras.Model(images, maps if several else maps[0]),
        attention=True,
        pooling=layer,
        attributes=table,
        class_variance=ClassVariance(),
        weight_decay=1e-3,
    )
    assert model.network.output["features"].dtype == floatx
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    history = model.fit(*pictures, verbose=0, validation_data=pictures).history
    logs = {name: float(values[0]) for name, values in history.items()}
    assert np.isfinite(list(logs.values())).all()
    assert logs["loss"] > logs["weight_decay"] + logs["pull"] / 20
    assert model.predict(pictures[0], verbose=0).dtype == "float32"


def test_backbones_take_every_float_type(floatx):
    model = backbone("mobilenet_v3_small", 32, weights=None)
    assert model.output.dtype == floatx
    features = model(np.full((1, 32, 32, 3), 99, "uint8"))
    assert np.isfinite(np.asarray(features, "float32")).all()


@pytest.mark.parametrize(
    "floatx",
    [
        "float16",
        pytest.param("float64", marks=pytest.mark.tensorflow("float64")),
    ],
)
def test_terms_are_added_whatever_the_float_type(
    classifier, pictures, every_term, floatx
):
    keras.config.set_floatx(floatx)
    try:
        model = classifier(**every_term)
        model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
        logs = model.fit(*pictures, verbose=0).history
    finally:
        keras.config.set_floatx("float32")
    assert np.isfinite(logs["loss"][0])
    assert logs["loss"][0] > logs["weight_decay"][0] + logs["pull"][0] / 2
