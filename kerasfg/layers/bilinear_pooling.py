"""Bilinear pooling: the second-order statistics of a feature map."""

import keras
from keras import ops

from kerasfg.layers.feature_maps import channels_last
from kerasfg.layers.feature_maps import check_maps
from kerasfg.layers.feature_maps import list_of_shapes
from kerasfg.layers.feature_maps import position_rows
from kerasfg.layers.signed_root import check_epsilon
from kerasfg.layers.signed_root import signed_root


@keras.saving.register_keras_serializable(package="kerasfg")
class BilinearPooling(keras.layers.Layer):
    """Pools a feature map into the products of its channels.

    For the features `x_n` and `y_n` of two maps at the `N = height * width`
    positions of an image, computes `B = sum_n x_n y_n^T / N`, then (by default)
    the signed square root and the L2 norm of the flattened `B`. With a single
    map `y` is `x`.

    The output is large: 512 channels give 262,144 features for an image, and a
    classifier of 200 classes on them has 52 million weights (210 MB). See
    `CompactBilinearPooling`.

    Args:
        normalize: Whether to apply the signed square root and the L2
            normalization. Defaults to `True`.
        epsilon: Small positive float that keeps the gradient of both finite
            at 0. Defaults to `1e-6`.
        data_format: `"channels_last"`, or `None` for the setting of Keras,
            which must be the same. Defaults to `None`.
        **kwargs: Base layer keyword arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Features of shape `(batch, height, width, channels)`, or a list
            of two such maps of the same height and width. Height and width may
            be `None`; channels may not.

    Returns:
        Float tensor of shape `(batch, channels * channels)`, the channels of
        the first map times those of the second; unit L2 norm if `normalize`.
        Computed in float32 whatever the dtype of the layer.

    Raises:
        ValueError: If `epsilon` is not positive, the channels are to come
            first, or the inputs are not one or two maps of one height and
            width with defined channels.

    Example:

    >>> features = ops.ones((2, 7, 7, 8))
    >>> tuple(BilinearPooling()(features).shape)
    (2, 64)
    >>> tuple(BilinearPooling()([features, features[..., :3]]).shape)
    (2, 24)

    Reference:

    - [Lin et al., 2015](https://arxiv.org/abs/1504.07889), section 3: the
      bilinear form, its sum over positions, and the normalization
    """

    def __init__(
        self, normalize=True, epsilon=1e-6, data_format=None, **kwargs
    ):
        check_epsilon(epsilon)
        super().__init__(**kwargs)
        self.normalize = normalize
        self.epsilon = epsilon
        self.data_format = channels_last(data_format)

    def build(self, input_shape):
        check_maps(self, input_shape, most=2)

    def call(self, inputs):
        maps = position_rows(inputs)
        first, second = maps[0], maps[-1]
        products = ops.matmul(ops.transpose(first, (0, 2, 1)), second)
        positions = ops.cast(ops.shape(first)[1], "float32")
        dim = first.shape[2] * second.shape[2]
        pooled = ops.reshape(products, (-1, dim)) / positions
        if self.normalize:
            pooled = signed_root(pooled, self.epsilon)
        return ops.cast(pooled, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        shapes = list_of_shapes(input_shape)
        return (shapes[0][0], shapes[0][3] * shapes[-1][3])

    def get_config(self):
        return {
            **super().get_config(),
            "normalize": self.normalize,
            "epsilon": self.epsilon,
            "data_format": self.data_format,
        }
