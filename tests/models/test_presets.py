"""Backbones from any preset of KerasHub, here from small local folders."""

import keras
import numpy as np
import pytest

from kerasfg.models import FineGrainedClassifier
from kerasfg.models.backbones import backbone

RESNET = {
    "input_conv_filters": [64],
    "input_conv_kernel_sizes": [7],
    "stackwise_num_filters": [64, 8, 8, 8],
    "stackwise_num_blocks": [1, 1, 1, 1],
    "stackwise_num_strides": [1, 2, 2, 2],
}
NETWORKS = {  # of which only the last one is not made of plain layers
    "resnet": ("ResNetBackbone", {**RESNET, "block_type": "basic_block"}),
    "bottleneck": (
        "ResNetBackbone",
        {**RESNET, "block_type": "bottleneck_block"},
    ),
    "vgg": (
        "VGGBackbone",
        {
            "stackwise_num_repeats": [1] * 5,
            "stackwise_num_filters": [4] * 5,
        },
    ),
    "resnet_v2": (
        "ResNetBackbone",
        {**RESNET, "block_type": "basic_block", "use_pre_activation": True},
    ),
}
SCALE, OFFSET = [0.5, 0.25, 0.125], [1.0, 2.0, 3.0]


@pytest.fixture
def preset(tmp_path):
    """A function that saves a small network; returns it and its folder."""
    import keras_hub

    def save(name, scaling=True):
        keras.utils.set_random_seed(0)
        hub_class, config = NETWORKS[name]
        network = getattr(keras_hub.models, hub_class)(**config)
        network.save_to_preset(str(tmp_path))
        if scaling:
            keras_hub.layers.ImageConverter(
                scale=SCALE, offset=OFFSET
            ).save_to_preset(str(tmp_path))
        return network, tmp_path

    return save


@pytest.mark.parametrize("name", NETWORKS)
def test_gives_what_keras_hub_gives(name, preset, rng, tmp_path):
    network, folder = preset(name)
    images = rng.integers(0, 256, (2, 64, 64, 3), dtype="uint8")
    scaled = (images * np.array(SCALE) + OFFSET).astype("float32")
    expected = np.asarray(network(scaled, training=False))
    model = backbone(str(folder), 64)
    assert model.name == "backbone"
    np.testing.assert_allclose(
        model(images, training=False),
        expected,
        atol=2e-5 * np.abs(expected).max(),
    )
    random = backbone(folder, 64, weights=None)
    assert np.any(random.get_weights()[0] != model.get_weights()[0])
    classifier = FineGrainedClassifier(model, 3, pooling="bilinear")
    classifier.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(images), classifier(images))


@pytest.mark.parametrize(
    "name",
    ["resnet", pytest.param("bottleneck", marks=pytest.mark.slow), "vgg"],
)
def test_a_known_family_leaves_out_strides(name, preset):
    _, folder = preset(name)
    whole = backbone(folder, 32)
    for stride in (16, 8, 4):
        model = backbone(folder, 32, output_stride=stride)
        assert model.output_shape[1:3] == (32 // stride, 32 // stride)
        for weight, other in zip(model.weights, whole.weights, strict=True):
            np.testing.assert_array_equal(weight, other)


def test_of_others_the_strides_are_not_known(preset):
    _, folder = preset("resnet_v2")
    with pytest.raises(ValueError, match="not known. Give output_stride=32"):
        backbone(folder, 32, output_stride=16)
    assert backbone(folder, 32, upsample_to=64).output_shape[1:3] == (2, 2)


def test_a_picture_may_be_too_small(preset):
    _, folder = preset("vgg")
    with pytest.raises(ValueError, match="no pictures of this size.*size=16"):
        backbone(folder, 16)
    assert backbone(folder, 16, output_stride=16).output_shape[1] == 1


def test_pixels_without_a_scaling_are_an_error(preset):
    _, folder = preset("resnet", scaling=False)
    with pytest.raises(ValueError, match="ImageConverter.*Received: name="):
        backbone(folder, 32)


def test_a_network_without_a_map_is_an_error(tmp_path):
    import keras_hub

    keras_hub.models.ViTBackbone(
        image_shape=(32, 32, 3),
        patch_size=16,
        num_layers=1,
        num_heads=2,
        hidden_dim=8,
        mlp_dim=8,
    ).save_to_preset(str(tmp_path))
    with pytest.raises(ValueError, match="one feature map.*a ViTBackbone from"):
        backbone(tmp_path, 32)


def test_a_preset_has_its_own_weights(preset):
    _, folder = preset("resnet")
    with pytest.raises(ValueError, match="own: leave `weights` out"):
        backbone(folder, 32, weights=folder)


def test_a_folder_without_a_preset_is_an_error(tmp_path):
    with pytest.raises(OSError, match="could not load the preset.*BACKBONES"):
        backbone(tmp_path, 32)


@pytest.mark.parametrize(
    "name", ["resnet_50_imagenet", "hf://a/resnet", "kaggle://a/b/keras/c"]
)
def test_names_and_addresses_go_to_keras_hub(name, monkeypatch):
    import keras_hub

    def refuse(preset, load_weights):
        raise ConnectionError(f"no route to {preset}")

    monkeypatch.setattr(keras_hub.models.Backbone, "from_preset", refuse)
    with pytest.raises(OSError, match=f"no route to {name}.*local KerasHub"):
        backbone(name, 32)


def test_the_nearest_preset_is_named():
    with pytest.raises(ValueError, match="mean 'densenet_201_imagenet'"):
        backbone("densenet_201_imagnet", 32)
