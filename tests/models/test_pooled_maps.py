"""Where real backbones end for each pooling."""

import keras
import numpy as np
import pytest

from kerasfg.layers import BilinearPooling
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.models import FineGrainedClassifier
from kerasfg.models.backbones import backbone
from kerasfg.models.pooled_maps import LAST_MAPS
from kerasfg.models.pooled_maps import last_maps
from kerasfg.models.pooled_maps import pooled_maps
from kerasfg.models.pooled_maps import pooled_streams
from kerasfg.models.pooled_maps import second_order_map

# The last three maps of one resolution, for pictures of 64 pixels.
LAST_THREE = {
    "vgg_16": [(4, 4, 512)] * 3,
    "resnet_18": [(2, 2, 512)] * 3,
    "resnet_50": [(2, 2, 2048)] * 3,
    "efficientnet_lite0": [(2, 2, 192), (2, 2, 192), (2, 2, 320)],
    "efficientnet_lite2": [(2, 2, 208), (2, 2, 208), (2, 2, 352)],
}
AFTER = {  # layers that are cut off
    "vgg_16": {"block5_pool"},
    "efficientnet_lite0": {"top_conv", "top_bn", "top_activation"},
    "efficientnet_lite2": {"top_conv", "top_bn", "top_activation"},
}
LARGE = ("vgg_16", "resnet_50", "efficientnet_lite2")
EVERY = [
    pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else [])
    for name in LAST_THREE
]


@pytest.mark.parametrize("name", EVERY)
def test_hierarchical_pooling_takes_the_last_three_maps(name):
    whole = backbone(name, 64, weights=None)
    cut = pooled_maps(whole, HierarchicalBilinearPooling(8))
    assert cut.name == "backbone" and cut.input_shape == (None, 64, 64, 3)
    assert [shape[1:] for shape in cut.output_shape] == LAST_THREE[name]
    ends = [output._keras_history.operation.name for output in cut.outputs]
    assert ends == list(LAST_MAPS[name])
    # One after the other, and nothing left out between them and the end.
    before = [
        set(keras.Model(cut.input, output).layers) for output in cut.outputs
    ]
    assert before[0] < before[1] < before[2]
    after = {layer.name for layer in whole.layers if layer not in before[2]}
    assert after == AFTER.get(name, set())
    # What comes after the cut is not in the model.
    kept = {id(w) for layer in before[2] for w in layer.weights}
    assert {id(w) for w in cut.weights} == kept


@pytest.mark.parametrize(
    "pooling",
    [BilinearPooling(), CompactBilinearPooling(8)],
    ids=["bilinear", "compact"],
)
def test_second_order_pooling_of_lite0_takes_320_channels(pooling):
    whole = backbone("efficientnet_lite0", 64, weights=None)
    cut = pooled_maps(whole, pooling)
    assert cut.output_shape == (None, 2, 2, 320)
    assert cut.output is whole.get_layer("block7a_project_bn").output
    gone = {layer.name for layer in whole.layers} - {
        layer.name for layer in cut.layers
    }
    assert gone == AFTER["efficientnet_lite0"]
    assert second_order_map(cut).output is cut.output


@pytest.mark.parametrize(
    ("output_stride", "size"),
    [(32, 4), pytest.param(16, 8, marks=pytest.mark.slow)],
)
def test_second_order_pooling_of_vgg_takes_the_last_convolution(
    output_stride, size
):
    whole = backbone("vgg_16", 64, output_stride=output_stride, weights=None)
    for pooling in (BilinearPooling(), CompactBilinearPooling(8)):
        cut = pooled_maps(whole, pooling)
        assert cut.output is whole.get_layer("block5_conv3").output
        assert cut.output_shape == (None, size, size, 512)
        assert second_order_map(cut).output is cut.output
    average = keras.layers.GlobalAveragePooling2D()
    assert pooled_maps(whole, average) is whole


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("resnet_18", "stack3_block1_out"),
        ("resnet_50", "stack3_block2_out"),
        ("densenet_121", "relu"),
        ("mobilenet_v3_small", "block_5_0_activation"),
        ("mobilenet_v3_large", "block_6_0_activation"),
    ],
)
def test_second_order_pooling_of_others_takes_the_last_activation(name, last):
    whole = backbone(name, 64, weights=None)
    assert second_order_map(whole) is whole
    assert whole.layers[-1].name == last


def vgg_end(*more):
    """The end of VGG, narrower, and layers after it."""
    images = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(
        4, 3, padding="same", activation="relu", name="block5_conv3"
    )(images)
    x = keras.layers.MaxPooling2D(name="block5_pool")(x)
    for layer in more:
        x = layer(x)
    return keras.Model(images, x, name="backbone")


@pytest.mark.parametrize("attention", [False, True])
def test_the_map_before_vggs_pool_is_what_the_pairs_compare(
    attention, tmp_path
):
    model = FineGrainedClassifier(
        vgg_end(), 2, attention=attention, pooling="bilinear"
    )
    assert model.network.output["map"].shape == (None, 16, 16, 4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    x = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3))
    np.testing.assert_array_equal(model(x), again(x))
    average = FineGrainedClassifier(vgg_end(), 2, attention=attention)
    assert average.network.output["map"].shape == (None, 8, 8, 4)


def test_what_comes_after_vggs_pool_is_kept():
    longer = vgg_end(keras.layers.Conv2D(5, 3, padding="same"))
    assert second_order_map(longer) is longer


def test_other_poolings_and_backbones_take_the_last_map(tiny_backbone):
    small = tiny_backbone()
    assert pooled_maps(small, BilinearPooling()) is small
    lite0 = backbone("efficientnet_lite0", 32, weights=None)
    assert pooled_maps(lite0, keras.layers.GlobalAveragePooling2D()) is lite0
    several = keras.Model(small.input, [small.output, small.output])
    assert pooled_maps(several, HierarchicalBilinearPooling(8)) is several


@pytest.mark.slow
@pytest.mark.parametrize("name", LAST_THREE)
def test_a_classifier_trains_all_its_weights_and_loads(name, tmp_path):
    model = FineGrainedClassifier(
        backbone(name, 32, output_stride=8, weights=None),
        2,
        pooling=HierarchicalBilinearPooling(8),
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-3), loss, run_eagerly=True)
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3))
    # Keras would warn of weights without a gradient, and warnings are errors.
    model.fit(x, np.array([0, 1]), verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    maps = [shape[1:] for shape in again.backbone.output_shape]
    assert maps == [shape[1:] for shape in model.backbone.output_shape]
    assert len(again.weights) == len(model.weights)
    np.testing.assert_array_equal(
        model.predict(x, verbose=0), again.predict(x, verbose=0)
    )


@pytest.mark.slow
def test_streams_may_be_of_different_backbones(tmp_path):
    model = FineGrainedClassifier(
        [
            backbone("efficientnet_lite0", 32, weights=None),
            backbone("resnet_18", 32, weights=None),
        ],
        2,
        pooling=CompactBilinearPooling(16),
    )
    first, second = model.backbone
    assert first.output_shape == (None, 1, 1, 320)
    assert second.output_shape == (None, 1, 1, 512)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3))
    np.testing.assert_array_equal(model(x), again(x))


# === Errors ===


def test_names_the_backbones_whose_maps_are_known(tiny_backbone):
    with pytest.raises(
        ValueError, match=r"lite2, .*vgg_16\. For .*Received: backbone='backb"
    ):
        last_maps(tiny_backbone())


def test_rejects_streams_that_do_not_fit(tiny_backbone):
    first, second = tiny_backbone(), tiny_backbone()
    for streams, pooling, message in (
        ([first, second], HierarchicalBilinearPooling(8), "2 backbones, pool"),
        (
            [first, second],
            keras.layers.GlobalAveragePooling2D(),
            "pooling=GlobalAveragePooling2D",
        ),
        ([first, second, second], BilinearPooling(), "Received: 3 backbones"),
        ([first], BilinearPooling(), "Received: 1 backbones"),
        ([first, tiny_backbone(32)], BilinearPooling(), "images of one shape"),
        ([first, first], BilinearPooling(), "no layer in common"),
    ):
        with pytest.raises(ValueError, match=message):
            pooled_streams(streams, pooling)
