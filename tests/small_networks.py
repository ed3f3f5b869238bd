"""The small networks that tests train, here and in processes of their own.

A script that a test starts imports this file by `PYTHONPATH`: see the fixture
`run_script` of conftest.py.
"""

import keras


def tiny_backbone(
    image_size=16,
    filters=8,
    activation="relu",
    use_bias=True,
    synchronized=False,
):
    """A backbone of one convolution, with batch normalization.

    Args:
        image_size: Width and height of the pictures. Defaults to `16`.
        filters: Channels of the map. Defaults to `8`.
        activation: Name of the last layer's function. Where two trainings are
            compared to their last bits take `"silu"`: the kink of ReLU makes
            of the last bit of a value that is nearly 0 another gradient, and
            drawn pictures have many equal values. Defaults to `"relu"`.
        use_bias: Whether the convolution adds a bias. Defaults to `True`.
        synchronized: Whether replicas share the means of batch normalization.
            Defaults to `False`.

    Returns:
        A Keras model from float pixels in [0, 255] to a map.
    """
    images = keras.Input((image_size, image_size, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    x = keras.layers.Conv2D(
        filters, 3, strides=2, padding="same", use_bias=use_bias
    )(x)
    x = keras.layers.BatchNormalization(synchronized=synchronized)(x)
    x = keras.layers.Activation(activation)(x)
    return keras.Model(images, x, name="backbone")


def several_maps(filters, stride=4, synchronized=False):
    """A backbone that gives a map for each number of filters.

    Args:
        filters: Channels of each map, one after the other.
        stride: Stride of the first convolution. Defaults to `4`.
        synchronized: As of `tiny_backbone`.

    Returns:
        A Keras model from float pixels of shape `(16, 16, 3)` to the maps.
    """
    images = keras.Input((16, 16, 3))
    outputs, x = [], keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    for i, channels in enumerate(filters):
        x = keras.layers.Conv2D(
            channels, 3, strides=1 if i else stride, padding="same"
        )(x)
        x = keras.layers.BatchNormalization(synchronized=synchronized)(x)
        x = keras.layers.ReLU()(x)
        outputs.append(x)
    return keras.Model(
        images, outputs if len(filters) > 1 else x, name="backbone"
    )


def of_recipes(**options):
    """Stands for `kerasfg.config.model.backbone`: the tiny one for any name."""

    def backbone(name, image_size, **kwargs):
        return tiny_backbone(image_size, **options)

    return backbone


def let_recipes_train_it(**options):
    """Lets every recipe of this process train the tiny backbone."""
    import kerasfg.config.model

    kerasfg.config.model.backbone = of_recipes(**options)
