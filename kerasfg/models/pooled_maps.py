"""Selects the feature maps of a backbone that a pooling takes."""

import keras

from kerasfg.layers import BilinearPooling
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling

# The last map of EfficientNet-Lite has 1280 channels, whose products are 1.6
# million features; this one has 320 or 352.
SECOND_ORDER_MAP = "block7a_project_bn"

# VGG ends in this one; bilinear pooling takes the convolution before it.
LAST_POOL = "block5_pool"

# The last maps of the same resolution, by their names in KerasHub.
LAST_MAPS = {
    "vgg_16": ("block5_conv1", "block5_conv2", "block5_conv3"),
    "resnet_50": (
        "stack3_block0_out",
        "stack3_block1_out",
        "stack3_block2_out",
    ),
    "resnet_18": (
        "stack3_block0_out",
        "stack3_block1_1_relu",
        "stack3_block1_out",
    ),
    # Before Lite0, whose names they have too.
    "efficientnet_lite1": ("block6d_add", "block6e_add", "block7a_project_bn"),
    "efficientnet_lite2": ("block6d_add", "block6e_add", "block7a_project_bn"),
    "efficientnet_lite0": ("block6c_add", "block6d_add", "block7a_project_bn"),
}


def pooled_streams(backbone, pooling):
    """Returns one stream, or two, that end at the maps that a pooling takes.

    Args:
        backbone: Functional `keras.Model`, or a list of two of the same input
            shape, for the poolings that take two maps.
        pooling: The pooling layer.

    Returns:
        List of `keras.Model`, of different names.

    Raises:
        ValueError: If there are not one or two backbones, they share layers or
            have different input shapes, or the pooling takes only one.
    """
    if not isinstance(backbone, (list, tuple)):
        return [pooled_maps(backbone, pooling)]
    if len(backbone) != 2 or isinstance(
        pooling,
        keras.layers.GlobalAveragePooling2D | HierarchicalBilinearPooling,
    ):
        raise ValueError(
            "Two backbones are the two streams of bilinear or compact bilinear "
            "pooling; any other pooling takes one. Received: "
            f"{len(backbone)} backbones, pooling={type(pooling).__name__}"
        )
    shapes = [stream.input_shape for stream in backbone]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "Both backbones must take images of one shape. "
            f"Received: input shapes {shapes}"
        )
    shared = [x.name for x in backbone[0].layers if x in backbone[1].layers]
    if shared:
        raise ValueError(
            "The two backbones must have no layer in common; one backbone "
            "is pooled with itself. "
            f"Received: {len(shared)} common layers, such as {shared[-1]!r}"
        )
    first, second = (pooled_maps(stream, pooling) for stream in backbone)
    if first.name == second.name:  # a network's layers have different names
        name = f"second_{second.name}"
        second = keras.Model(second.inputs[0], second.output, name=name)
    return [first, second]


def pooled_maps(backbone, pooling):
    """Cuts a backbone at the maps that a pooling takes.

    Args:
        backbone: Functional `keras.Model` from images to a feature map, or to
            a list of maps, which is not cut.
        pooling: The pooling layer.

    Returns:
        `keras.Model` of the same name and input.
    """
    if len(backbone.outputs) > 1:
        return backbone
    if isinstance(pooling, HierarchicalBilinearPooling):
        return last_maps(backbone)
    if isinstance(pooling, BilinearPooling | CompactBilinearPooling):
        return second_order_map(backbone)
    return backbone


def second_order_map(backbone):
    """Ends a backbone at the map that second-order pooling takes.

    That is at `block7a_project_bn` of EfficientNet-Lite, of 320 or 352 channels
    instead of 1280; at the last convolution of VGG, before its last pooling,
    so twice as wide and high as its output; and at the last map of every other
    backbone.

    Args:
        backbone: Functional `keras.Model` from images to a feature map.

    Returns:
        `keras.Model` of the same name and input, with the same layers.

    Example:

    >>> import kerasfg
    >>> lite0 = kerasfg.models.backbone("efficientnet_lite0", 64, weights=None)
    >>> second_order_map(lite0).output_shape
    (None, 2, 2, 320)

    Reference:

    - [Lin et al., 2015](https://arxiv.org/abs/1504.07889), of VGG's map
    """
    names = {layer.name for layer in backbone.layers}
    if SECOND_ORDER_MAP in names:
        return _ending(backbone, backbone.get_layer(SECOND_ORDER_MAP).output)
    last = backbone.layers[-1]
    return _ending(backbone, last.input) if last.name == LAST_POOL else backbone


def last_maps(backbone):
    """Cuts a backbone at its last three maps of the same resolution.

    Those are the three last convolutions of VGG-16's last block (before its
    pooling), the three last activations of ResNet-18's last stage, and the
    outputs of the three last blocks of ResNet-50 and of EfficientNet-Lite0, 1
    and 2.

    Args:
        backbone: Functional `keras.Model` with the layer names of one of
            these, such as from `kerasfg.models.backbone`.

    Returns:
        `keras.Model` of the same name and input that gives a list of three
        maps, as `HierarchicalBilinearPooling` takes them.

    Raises:
        ValueError: If it is another backbone.

    Example:

    >>> import kerasfg
    >>> lite0 = kerasfg.models.backbone("efficientnet_lite0", 64, weights=None)
    >>> [tuple(shape) for shape in last_maps(lite0).output_shape]
    [(None, 2, 2, 192), (None, 2, 2, 192), (None, 2, 2, 320)]
    """
    names = {layer.name for layer in backbone.layers}
    for maps in LAST_MAPS.values():
        if names.issuperset(maps):
            outputs = [backbone.get_layer(name).output for name in maps]
            return _ending(backbone, outputs)
    raise ValueError(
        "The last maps are known by name for the backbones "
        f"{', '.join(sorted(LAST_MAPS))}. For another, pass a keras.Model that "
        "gives a list of maps of the same height and width. "
        f"Received: backbone={backbone.name!r} with the layers "
        f"{[layer.name for layer in backbone.layers][-3:]} at its end"
    )


def _ending(backbone, outputs):
    return keras.Model(backbone.inputs[0], outputs, name=backbone.name)
