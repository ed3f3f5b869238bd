"""Loads the networks of KerasHub presets and the scaling of their pixels."""

import os

import keras

from kerasfg.models.architectures import ARCHITECTURES
from kerasfg.models.plain_layers import BLOCKS
from kerasfg.models.plain_layers import rebuild


def is_preset(name):
    """Returns whether a name is a preset's address, folder or name."""
    if isinstance(name, os.PathLike) or os.path.isdir(name) or is_address(name):
        return True
    return name in built_in_presets()


def is_address(name):
    """Returns whether a string is an address, as in `hf://timm/NAME`."""
    return "://" in name


def built_in_presets():
    """Returns the names of all presets that KerasHub offers."""
    import keras_hub  # imports TensorFlow and takes seconds

    return list(keras_hub.models.Backbone.presets)


def preset_network(name, weights):
    """Loads the network of a preset.

    Args:
        name: See `is_preset`.
        weights: `"imagenet"` for its own weights, `None` for random ones.

    Returns:
        The network, a `keras.Model` from scaled pixels to a feature map, and
        the pair of the factor of pixels and the offset added then.

    Raises:
        ValueError: If it gives no feature map, does not hold the scaling of
            its pixels, or `weights` has another value.
        OSError: If KerasHub cannot load it.
    """
    if weights not in (None, "imagenet"):
        raise ValueError(
            "A preset has weights of its own: leave `weights` out, or give "
            f"None for random ones. Received: name={str(name)!r}, "
            f"weights={weights!r}"
        )
    network, converter = load_preset(
        os.fspath(name),
        "Give the path of a local KerasHub preset folder, or one of "
        "kerasfg.models.BACKBONES; the ImageNet weights of efficientnet_lite0 "
        f"need no download. Received: name={str(name)!r}",
        load_weights=weights is not None,
    )
    _check_gives_a_map(name, network)
    if converter is None:
        raise ValueError(
            "The preset does not hold the scaling of its pixels. Add it to its "
            "folder: keras_hub.layers.ImageConverter(scale=..., offset=...)"
            f".save_to_preset(folder). Received: name={str(name)!r}"
        )
    scale = 1.0 if converter.scale is None else converter.scale
    return network, (scale, converter.offset or 0.0)


def load_preset(preset, advice, load_weights=True):
    """Loads a preset as KerasHub does.

    Args:
        preset: Name, address or folder, a string.
        advice: End of the error message: advice, and what was received.
        load_weights: Whether to load its weights too. Defaults to `True`.

    Returns:
        The network, and its `keras_hub.layers.ImageConverter` or `None`.

    Raises:
        OSError: If KerasHub cannot load it.
    """
    import keras_hub

    try:
        network = keras_hub.models.Backbone.from_preset(preset, load_weights)
    except Exception as error:  # each hub and file format has its own
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise OSError(
            f"KerasHub could not load the preset {preset} ({cause}). {advice}"
        ) from error
    try:
        converter = keras_hub.layers.ImageConverter.from_preset(preset)
    except (OSError, ValueError):  # a preset of a bare backbone has none
        converter = None
    return network, converter


def is_plain(network):
    """Returns whether `kerasfg.models.plain_layers.rebuild` can rebuild it."""
    return all(
        type(operation).__module__.startswith("keras.src.layers.")
        or type(operation).__name__ in BLOCKS
        for operation in network.operations
    )


def known_strides(network):
    """Finds the layers that halve the picture the first three times.

    Args:
        network: The network of a preset.

    Returns:
        Their names, as in `Architecture.first_strides`, or `None` if the
        network is of no known family.
    """
    if not is_plain(network):
        return None
    images = keras.Input((224, 224, 3))  # of a size that every network takes
    plain = rebuild(network, images, prepare=lambda pixels: pixels)
    layers = {layer.name: layer for layer in plain.layers}
    for architecture in ARCHITECTURES.values():
        halvings = architecture.first_strides
        found = [layers.get(name) for names in halvings for name in names]
        if all(getattr(layer, "strides", None) == (2, 2) for layer in found):
            return halvings
    return None


def _check_gives_a_map(name, network):
    inputs, outputs = (
        [tuple(tensor.shape) for tensor in keras.tree.flatten(tensors)]
        for tensors in (network.input, network.output)
    )
    pictures = len(inputs) == 1 and inputs[0][3:] == (3,)
    if not (pictures and len(outputs) == 1 and len(outputs[0]) == 4):
        raise ValueError(
            "A backbone must take pictures, (batch, height, width, 3), and "
            "give one feature map, (batch, height, width, channels). "
            f"Received: name={str(name)!r}, a {type(network).__name__} from "
            f"the shapes {inputs} to the shapes {outputs}"
        )
