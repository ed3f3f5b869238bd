"""Backbones give what Torchvision's own networks give, by the same weights.

The weights are random; KerasHub converts them by their names, as it does those
of timm's presets such as `hf://timm/resnet18.tv_in1k`.
"""

import json

import numpy as np
import pytest

from kerasfg.models.backbones import backbone

pytestmark = pytest.mark.slow
REASON = "needs pip install torch torchvision safetensors"
torch = pytest.importorskip("torch", reason=REASON)
safetensors = pytest.importorskip("safetensors.torch", reason=REASON)
try:
    from torchvision import models
except (ImportError, RuntimeError) as error:  # or it is of another torch
    pytest.skip(f"{REASON}: {error}", allow_module_level=True)

ROOTS = {
    "resnet_18": models.resnet18,
    "resnet_50": models.resnet50,
    "densenet_121": models.densenet121,
    "vgg_16": models.vgg16,
}


@pytest.fixture(scope="module")
def theirs():
    """A function that gives Torchvision's network, without its classifier."""

    def theirs(name):
        torch.manual_seed(0)
        network = ROOTS[name](weights=None).eval()
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                for numbers in (module.weight, module.running_var):
                    torch.nn.init.uniform_(numbers, 0.5, 1.5)
                for numbers in (module.bias, module.running_mean):
                    torch.nn.init.uniform_(numbers, -0.5, 0.5)
        return network

    return theirs


def save_preset(network, name, folder):
    """Writes the weights as timm does for the networks of Torchvision."""
    tensors = {k: v.contiguous() for k, v in network.state_dict().items()}
    safetensors.save_file(tensors, folder / "model.safetensors")
    config = {
        "architecture": name.replace("_", ""),
        "num_classes": 1000,
        "num_features": 4096,
        "pretrained_cfg": {
            "input_size": [3, 224, 224],
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
            "interpolation": "bilinear",
        },
    }
    (folder / "config.json").write_text(json.dumps(config))


def last_map(network, images):
    """Torchvision's map, `(batch, height, width, channels)`."""
    mean = np.array([0.485, 0.456, 0.406], "float32")
    std = np.array([0.229, 0.224, 0.225], "float32")
    x = torch.from_numpy(((images / np.float32(255)) - mean) / std)
    x = x.permute(0, 3, 1, 2)
    with torch.no_grad():
        if hasattr(network, "features"):
            x = network.features(x)
            if isinstance(network, models.DenseNet):
                x = torch.relu(x)
        else:
            for part in list(network.children())[:-2]:
                x = part(x)
    return x.permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize("name", ROOTS)
def test_the_map_is_torchvisions(name, theirs, rng, tmp_path):
    network = theirs(name)
    save_preset(network, name, tmp_path)
    for size in (64, 99):  # the paddings differ for an even size only
        images = rng.integers(0, 256, (2, size, size, 3), dtype="uint8")
        expected = last_map(network, images)
        model = backbone(name, size, weights=tmp_path)
        found = np.asarray(model(images, training=False))
        assert found.shape == expected.shape
        scale = np.abs(expected).max()
        assert scale > 0
        np.testing.assert_allclose(found, expected, atol=1e-4 * scale)


def test_keras_hubs_own_densenet_differs(theirs, rng, tmp_path):
    network = theirs("densenet_121")
    save_preset(network, "densenet_121", tmp_path)
    images = rng.integers(0, 256, (2, 64, 64, 3), dtype="uint8")
    expected = last_map(network, images)
    found = np.asarray(backbone(tmp_path, 64)(images, training=False))
    assert found.shape == expected.shape
    error = np.abs(found - expected).max() / np.abs(expected).max()
    assert error > 0.05
