"""Rebuilds a KerasHub network from plain Keras layers, on another input."""

import keras


def rebuild(
    network,
    images,
    prepare,
    stride_one=(),
    same_padding=False,
    symmetric_padding=False,
):
    """Rebuilds a network on other inputs, out of plain Keras layers.

    Layers keep their names and weights. MobileNet's blocks, which are single
    layers in KerasHub, become the layers inside them, so that every map has a
    name. Their convolutions of one channel each become `DepthwiseConv2D`,
    which computes the same and, unlike grouped convolutions, runs on any
    device and phone.

    Args:
        network: Functional `keras.Model` of KerasHub.
        images: `keras.Input` of the new network.
        prepare: Function from `images` to the input of the first layer.
        stride_one: Names of layers whose stride becomes one, not two. A
            convolution or pooling keeps its window.
        same_padding: Whether padding layers and "valid" convolutions become
            convolutions with TensorFlow's "same" padding. The two differ
            for a stride of two and an even size.
        symmetric_padding: Whether layers with a stride of two and "same"
            padding get padding layers with as much on each side, as PyTorch
            pads. The two differ likewise.

    Returns:
        Functional `keras.Model` named `"backbone"`.
    """

    names = _names_of_activations(network)

    def call(layer, x, **_):
        if x is images:
            x = prepare(x)
        block = BLOCKS.get(type(layer).__name__)
        if block:
            return block(layer, x, stride_one)
        if same_padding and isinstance(layer, keras.layers.ZeroPadding2D):
            return x
        valid = symmetric_padding and layer.name not in stride_one
        if valid and _pads_at_the_end(layer):
            return _copy_after_padding(layer, x)
        return _copy(layer, x, stride_one, same_padding, names)

    features = keras.models.clone_model(
        network,
        input_tensors=images,
        clone_function=lambda layer: layer,
        call_function=call,
    ).output
    return keras.Model(images, features, name="backbone")


def _names_of_activations(network):
    """Returns names for unnamed activations, the same in each process."""
    unnamed = [
        layer.name
        for layer in network.layers
        if layer.name.startswith("activation")
    ]
    if len(unnamed) == 1:
        return {unnamed[0]: "input_activation"}
    return {name: f"activation_{i}" for i, name in enumerate(unnamed, 1)}


def _pads_at_the_end(layer):
    """Returns whether a layer pads as TensorFlow does for a stride of two."""
    strides = getattr(layer, "strides", None)
    return strides == (2, 2) and layer.padding == "same"


def _copy_after_padding(layer, x):
    """Pads by half a window on each side, with zeros.

    The input of a pooling must not be negative, so that a 0 is no maximum.
    """
    config = layer.get_config()
    window = config.get("kernel_size") or config["pool_size"]
    pad = keras.layers.ZeroPadding2D(
        tuple(size // 2 for size in window), name=f"{layer.name}_pad"
    )
    config.pop("dtype")
    config["padding"] = "valid"
    copy = type(layer).from_config(config)
    return _apply(copy, pad(x), layer.get_weights())


def _copy(layer, x, stride_one=(), same_padding=False, names=()):
    config = layer.get_config()
    config.pop("dtype")  # the preset's; the current policy applies
    if layer.name in stride_one:
        config["strides"] = (1, 1)
        if config.get("pool_size") == (2, 2):
            # Larger windows are padded already.
            config["padding"] = "same"
    if same_padding and "kernel_size" in config:
        config["padding"] = "same"
    if layer.name in names:
        config["name"] = names[layer.name]
    return _apply(type(layer).from_config(config), x, layer.get_weights())


def _apply(layer, x, weights=()):
    y = layer(x)
    layer.set_weights(weights)
    return y


# === MobileNet's blocks ===


def _depthwise(layer, x, stride_one):
    """A convolution with one group per channel."""
    config = layer.get_config()
    kernel = layer.kernel.numpy()  # (height, width, 1, channels)
    copy = keras.layers.DepthwiseConv2D(
        config["kernel_size"],
        strides=1 if layer.name in stride_one else config["strides"],
        padding=config["padding"],
        use_bias=False,
        depthwise_initializer=config["kernel_initializer"],
        name=layer.name,
    )
    return _apply(copy, x, [kernel.transpose(0, 1, 3, 2)])


def _activation(layer, x, name):
    config = {**layer.get_config(), "name": name}
    config.pop("dtype")
    return type(layer).from_config(config)(x)


def _squeeze_and_excite(layer, x):
    name = layer.name
    y = keras.layers.GlobalAveragePooling2D(
        keepdims=True, name=f"{name}_squeeze"
    )(x)
    y = _copy(layer.conv_reduce, y)
    y = _activation(layer.activation1, y, f"{name}_squeeze_activation")
    y = _copy(layer.conv_expand, y)
    y = _activation(layer.gate, y, f"{name}_gate")
    return keras.layers.Multiply(name=f"{name}_excite")([x, y])


def _depthwise_block(block, inputs, stride_one):
    x = _copy(block.pad, inputs)
    x = _depthwise(block.conv1, x, stride_one)
    x = _copy(block.batch_normalization1, x)
    x = _activation(block.activation1, x, f"{block.name}_activation1")
    if block.squeeze_excite_ratio:
        x = _squeeze_and_excite(block.se_layer, x)
    x = _copy(block.conv2, x)
    x = _copy(block.batch_normalization2, x)
    if block.residual:
        x = keras.layers.Add(name=f"{block.name}_add")([x, inputs])
    return x


def _inverted_residual_block(block, inputs, stride_one):
    x = _copy(block.conv1, inputs)
    x = _copy(block.batch_normalization1, x)
    x = _activation(block.activation1, x, f"{block.name}_activation1")
    x = _copy(block.pad, x)
    x = _depthwise(block.conv2, x, stride_one)
    x = _copy(block.batch_normalization2, x)
    x = _activation(block.activation2, x, f"{block.name}_activation2")
    if block.squeeze_excite:
        x = _squeeze_and_excite(block.squeeze_excite, x)
    x = _copy(block.conv3, x)
    x = _copy(block.batch_normalization3, x)
    if block.stride == 1 and block.infilters == block.filters:
        x = keras.layers.Add(name=f"{block.name}_add")([inputs, x])
    return x


def _convolution_block(block, inputs, stride_one):
    x = _copy(block.conv, inputs)
    x = _copy(block.batch_normalization, x)
    return _activation(block.activation_layer, x, f"{block.name}_activation")


BLOCKS = {
    "ConvBnActBlock": _convolution_block,
    "DepthwiseConvBlock": _depthwise_block,
    "InvertedResidualBlock": _inverted_residual_block,
}
