"""Hierarchical bilinear pooling: products of the maps of several layers."""

import itertools

import keras
from keras import ops

from kerasfg.layers.feature_maps import channels_last
from kerasfg.layers.feature_maps import check_maps
from kerasfg.layers.feature_maps import list_of_shapes
from kerasfg.layers.feature_maps import position_rows
from kerasfg.layers.feature_maps import project
from kerasfg.layers.signed_root import check_epsilon
from kerasfg.layers.signed_root import signed_root


@keras.saving.register_keras_serializable(package="kerasfg")
class HierarchicalBilinearPooling(keras.layers.Layer):
    """Pools the products of each pair of several projected feature maps.

    Each map is projected to `projection_dim` channels by weights of its own,
    `p_n = U^T x_n`, shared by the pairs it is in. For each pair of maps, in the
    order (1, 2), (1, 3), ..., (2, 3), ..., computes
    `z = sum_n p_n * q_n / N` over the `N = height * width` positions, then (by
    default) the signed square root and the L2 norm of `z`. The results are
    concatenated. With a linear classifier on them it is the paper's model.

    A step holds `batch * height * width * projection_dim` floats for each map:
    26 MB for 16 pictures, 7 x 7 positions and 8192 channels.

    Args:
        projection_dim: Number of channels that each map is projected to.
            Defaults to `8192`, for each pair: three maps make 24,576 features.
            The class-variance paper says "the final dimension of original HBP
            is 8192", which is the size of one pair.
        normalize: Whether to apply the signed square root and the L2
            normalization to each pair. Defaults to `True`.
        epsilon: Small positive float that keeps the gradient of both finite
            at 0. Defaults to `1e-6`.
        data_format: `"channels_last"`, or `None` for the setting of Keras,
            which must be the same. Defaults to `None`.
        **kwargs: Base layer keyword arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: List of two or more maps of shape
            `(batch, height, width, channels)`, of the same height and width.
            Height and width may be `None`; channels may not.

    Returns:
        Float tensor of shape `(batch, pairs * projection_dim)`, where `m` maps
        make `m * (m - 1) / 2` pairs. Computed in float32 whatever the dtype of
        the layer.

    Raises:
        ValueError: If `projection_dim` or `epsilon` is not positive, the
            channels are to come first, or the inputs are not two or more maps
            of one height and width with defined channels.

    Example:

    >>> maps = [ops.ones((2, 7, 7, channels)) for channels in (3, 4, 5)]
    >>> layer = HierarchicalBilinearPooling(projection_dim=16)
    >>> tuple(layer(maps).shape)
    (2, 48)

    Reference:

    - [Yu et al., 2018](https://arxiv.org/abs/1807.09915), section 3.3: the
      products of three projected layers, concatenated
    """

    def __init__(
        self,
        projection_dim=8192,
        normalize=True,
        epsilon=1e-6,
        data_format=None,
        **kwargs,
    ):
        if not projection_dim > 0:
            raise ValueError(
                "Argument `projection_dim` must be positive. "
                f"Received: projection_dim={projection_dim}"
            )
        check_epsilon(epsilon)
        super().__init__(**kwargs)
        self.projection_dim = projection_dim
        self.normalize = normalize
        self.epsilon = epsilon
        self.data_format = channels_last(data_format)

    def build(self, input_shape):
        self.projections = [
            self.add_weight(
                shape=(channels, self.projection_dim),
                initializer="glorot_uniform",
                autocast=False,  # products of float16 projections overflow
                name=f"projection_{i}",
            )
            for i, channels in enumerate(check_maps(self, input_shape, 2))
        ]

    def call(self, inputs):
        maps = position_rows(inputs)
        projected = [
            project(*pair) for pair in zip(maps, self.projections, strict=True)
        ]
        pooled = [
            ops.mean(first * second, axis=1)
            for first, second in itertools.combinations(projected, 2)
        ]
        if self.normalize:
            pooled = [signed_root(pair, self.epsilon) for pair in pooled]
        return ops.cast(ops.concatenate(pooled, axis=1), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        shapes = list_of_shapes(input_shape)
        pairs = len(shapes) * (len(shapes) - 1) // 2
        return (shapes[0][0], pairs * self.projection_dim)

    def get_config(self):
        return {
            **super().get_config(),
            "projection_dim": self.projection_dim,
            "normalize": self.normalize,
            "epsilon": self.epsilon,
            "data_format": self.data_format,
        }
