import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasfg.models.architectures import ARCHITECTURES
from kerasfg.models.architectures import IMAGENET_OFFSET
from kerasfg.models.architectures import IMAGENET_SCALE
from kerasfg.models.backbones import BACKBONES
from kerasfg.models.backbones import backbone

QUICK = ("resnet_18",)
EVERY = [
    pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow])
    for name in BACKBONES
]
OF_HUB = [x for x in EVERY if ARCHITECTURES[x.values[0]].hub_class]
AS_IN_HUB = [x for x in OF_HUB if x.values[0] != "densenet_121"]


def run(model, images):
    return np.asarray(model(images, training=False))


def seeded(*args, **kwargs):
    keras.utils.set_random_seed(0)
    return backbone(*args, **kwargs)


def hub_network(name, rng, **kwargs):
    """KerasHub's own network, with normalization that differs by channel."""
    import keras_hub

    architecture = ARCHITECTURES[name]
    network = getattr(keras_hub.models, architecture.hub_class)(
        **architecture.config, **kwargs
    )
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            for weight in layer.weights:
                weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return network


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (2, 64, 64, 3), dtype="uint8")


@pytest.mark.parametrize("name", AS_IN_HUB)
def test_a_preset_folder_gives_what_keras_hub_gives(
    name, rng, images, tmp_path
):
    network = hub_network(name, rng)
    network.save_to_preset(str(tmp_path))
    model = backbone(name, 64, weights=tmp_path)
    architecture = ARCHITECTURES[name]
    scaled = images * np.asarray(architecture.scale, "float32") + np.asarray(
        architecture.offset, "float32"
    )
    expected = run(network, scaled)
    np.testing.assert_allclose(
        run(model, images),
        expected,
        atol=2e-5 * np.abs(expected).max(),
    )


@pytest.mark.slow
def test_densenet_pads_as_much_on_each_side(rng, tmp_path):
    import keras_hub

    hub_network("densenet_121", rng).save_to_preset(str(tmp_path))
    keras_hub.layers.DenseNetImageConverter(
        scale=1 / 255, offset=-0.5
    ).save_to_preset(str(tmp_path))
    for name, weights, first in (
        ("densenet_121", None, 3),
        ("densenet_121", tmp_path, 3),
        (tmp_path, "imagenet", 2),  # KerasHub's network as it is
    ):
        model = backbone(name, 32, weights=weights)
        conv = model.get_layer("conv1_conv")
        names = ("scaling", "conv1_conv", "conv1_relu", "pool1")
        maps = [model.get_layer(layer).output for layer in names]
        part = keras.Model(model.input, maps)
        pixels = rng.integers(0, 256, (1, 32, 32, 3), dtype="uint8")
        x, y, a, b = (np.asarray(z)[0] for z in part(pixels, training=False))
        kernel = np.asarray(conv.kernel)
        padded = np.pad(x, ((first, 3), (first, 3), (0, 0)))
        expected = [
            [
                np.tensordot(padded[i : i + 7, j : j + 7], kernel, 3)
                for j in range(0, 32, 2)
            ]
            for i in range(0, 32, 2)
        ]
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
        a = np.pad(a, ((first - 2, 1), (first - 2, 1), (0, 0)))
        expected = [
            [a[i : i + 3, j : j + 3].max(axis=(0, 1)) for j in range(0, 16, 2)]
            for i in range(0, 16, 2)
        ]
        np.testing.assert_allclose(b, expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKBONES)
def test_every_output_stride_has_its_size_and_the_same_weights(name):
    pixels = np.full((1, 32, 32, 3), 99, "uint8")
    whole = seeded(name, 32, weights=None)
    for stride in (32, 16, 8, 4):
        model = seeded(name, 32, output_stride=stride, weights=None)
        features = run(model, pixels)
        assert features.shape == model.compute_output_shape((1, 32, 32, 3))
        assert features.shape[1:3] == (32 // stride, 32 // stride)
        assert features.shape[3] == whole.output_shape[3]
        assert np.isfinite(features).all()
        assert len(model.weights) == len(whole.weights)
        for weight, expected in zip(model.weights, whole.weights, strict=True):
            assert weight.name == expected.name
            np.testing.assert_array_equal(weight, expected)


@pytest.mark.parametrize("name", EVERY)
def test_first_strides_are_those_of_the_first_halvings(name):
    model = backbone(name, 64, weights=None)
    for halving, names in enumerate(ARCHITECTURES[name].first_strides):
        for layer in map(model.get_layer, names):
            before = 64 // 2**halving
            assert layer.output.shape[1] == before // 2, layer.name
            assert before <= layer.input.shape[1] <= before + 6, layer.name


@pytest.mark.slow
def test_a_dropped_stride_fills_in_the_positions_between(images):
    def stem(name, layer, stride):
        model = seeded(name, 64, output_stride=stride, weights=None)
        part = keras.Model(model.input, model.get_layer(layer).output)
        return run(part, images)

    def compare(name, layer, first):
        dense, sparse = stem(name, layer, 16), stem(name, layer, 32)
        assert dense.shape[1] == 2 * sparse.shape[1]
        np.testing.assert_allclose(
            dense[:, first::2, first::2], sparse, atol=1e-5
        )

    compare("resnet_18", "conv1_conv", first=0)
    compare("efficientnet_lite0", "stem_conv", first=1)  # TensorFlow's padding


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "efficientnet_lite0",
        "mobilenet_v1_025",
        "mobilenet_v3_small",
        "resnet_18",
    ],
)
@pytest.mark.parametrize("image_size", [30, 33])
def test_a_size_that_does_not_divide_is_rounded_up(name, image_size):
    model = backbone(name, image_size, output_stride=8, weights=None)
    assert model.output_shape[1] == -(-image_size // 8)


@pytest.mark.slow
def test_upsampling_shows_the_network_a_larger_picture(images):
    small = images[:, :32, :32]
    model = seeded("mobilenet_v3_small", 32, upsample_to=64, weights=None)
    larger = keras.layers.Resizing(64, 64, interpolation="bilinear")(small)
    expected = seeded("mobilenet_v3_small", 64, weights=None)
    np.testing.assert_allclose(
        run(model, small),
        run(expected, larger),
        rtol=1e-3,
        atol=1e-4,
    )


@pytest.mark.slow
def test_maps_inside_have_names():
    model = backbone("efficientnet_lite0", 32, output_stride=8, weights=None)
    assert model.name == "backbone"
    assert model.get_layer("block7a_project_bn").output.shape[1:] == (4, 4, 320)
    model = backbone("mobilenet_v3_large", 32, weights=None)
    assert model.get_layer("block_5_2_bn3").output.shape[-1] == 160
    assert [type(layer).__module__.split(".")[0] for layer in model.layers] == (
        ["keras"] * len(model.layers)
    )


@pytest.mark.slow
def test_a_saved_backbone_loads_with_the_same_names(tmp_path, images):
    model = backbone("mobilenet_v3_small", 64, 96, 16, weights=None)
    model.save(tmp_path / "backbone.keras")
    again = keras.saving.load_model(tmp_path / "backbone.keras")
    assert [x.name for x in again.layers] == [x.name for x in model.layers]
    np.testing.assert_allclose(run(again, images), run(model, images))


@pytest.mark.slow
def test_a_saved_backbone_needs_no_keras_hub(tmp_path):
    path = tmp_path / "backbone.keras"
    backbone("mobilenet_v3_small", 32, weights=None).save(path)
    code = (
        "import sys, keras; keras.saving.load_model(sys.argv[1]); "
        "sys.exit('keras_hub' in sys.modules)"
    )
    subprocess.run([sys.executable, "-P", "-c", code, path], check=True)


def test_the_scaling_of_a_preset_is_used(tmp_path, rng):
    import keras_hub

    hub_network("resnet_18", rng).save_to_preset(str(tmp_path))
    keras_hub.layers.ResNetImageConverter(
        scale=[0.5, 0.25, 0.125], offset=[1.0, 2.0, 3.0]
    ).save_to_preset(str(tmp_path))
    layer = backbone("resnet_18", 32, weights=tmp_path).get_layer("scaling")
    assert list(layer.scale) == [0.5, 0.25, 0.125]
    assert list(layer.offset) == [1.0, 2.0, 3.0]
    layer = backbone("resnet_18", 32, weights=None).get_layer("scaling")
    assert (layer.scale, layer.offset) == (IMAGENET_SCALE, IMAGENET_OFFSET)


def test_the_dtype_policy_of_now_applies_to_every_layer(tmp_path, rng):
    hub_network("resnet_18", rng).save_to_preset(str(tmp_path))
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = backbone("resnet_18", 32, output_stride=16, weights=tmp_path)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {x.compute_dtype for x in model.layers[1:]} == {"float16"}
    features = run(model, np.full((1, 32, 32, 3), 255, "uint8"))
    assert features.dtype == "float16"
    assert np.isfinite(features).all()


# === Errors ===


def test_an_unknown_name_gives_the_nearest_one():
    with pytest.raises(ValueError, match=r"mean 'resnet_18'\? Received: name="):
        backbone("resnet18", 32)


@pytest.mark.parametrize("image_size", [0, -3, 32.0, True, None, "32"])
def test_rejects_image_size(image_size):
    with pytest.raises(ValueError, match=r"in pixels\. Received: image_size="):
        backbone("efficientnet_lite0", image_size)


def test_rejects_upsampling_to_less():
    with pytest.raises(ValueError, match="below image_size=64. Received: ups"):
        backbone("efficientnet_lite0", 64, upsample_to=32)


@pytest.mark.parametrize("output_stride", [2, 64, "8", None])
def test_rejects_output_stride(output_stride):
    with pytest.raises(ValueError, match="Received: output_stride="):
        backbone("efficientnet_lite0", 64, output_stride=output_stride)


def test_rejects_a_picture_of_which_nothing_would_be_left():
    with pytest.raises(ValueError, match="Received: image_size=16"):
        backbone("vgg_16", 16, weights=None)


@pytest.mark.parametrize("weights", ["no/such/folder", 3, "Imagenet"])
def test_rejects_weights(weights):
    with pytest.raises(ValueError, match="Received: weights="):
        backbone("resnet_18", 32, weights=weights)


def test_rejects_a_preset_of_another_network(tmp_path, rng):
    hub_network("resnet_18", rng).save_to_preset(str(tmp_path))
    for name in ("resnet_50", "vgg_16"):
        with pytest.raises(ValueError, match=f"network than {name}. Received"):
            backbone(name, 32, weights=tmp_path)


def test_an_empty_preset_folder_is_an_error(tmp_path):
    with pytest.raises(OSError, match="Received: name='resnet_18'"):
        backbone("resnet_18", 32, weights=tmp_path)


def test_without_a_network_the_error_says_what_to_do(monkeypatch):
    import keras_hub

    def refuse(preset, load_weights):
        raise ConnectionError(f"no route to {preset}")

    monkeypatch.setattr(keras_hub.models.Backbone, "from_preset", refuse)
    with pytest.raises(OSError, match="weights=None .* folder") as caught:
        backbone("densenet_121", 32)
    assert "no route to densenet_121_imagenet" in str(caught.value)


def test_weights_may_have_an_address(monkeypatch):
    import keras_hub

    def refuse(preset, load_weights):
        raise ConnectionError(f"no route to {preset}")

    monkeypatch.setattr(keras_hub.models.Backbone, "from_preset", refuse)
    address = "hf://timm/resnet18.tv_in1k"
    with pytest.raises(OSError, match=f"no route to {address}"):
        backbone("resnet_18", 32, weights=address)
    with pytest.raises(ValueError, match="address of a preset.*weights='resn"):
        backbone("resnet_18", 32, weights="resnet18.tv_in1k")
