"""Compact bilinear pooling: second-order statistics in few dimensions."""

import keras
import numpy as np
from keras import ops

from kerasfg.layers.feature_maps import channels_last
from kerasfg.layers.feature_maps import check_maps
from kerasfg.layers.feature_maps import list_of_shapes
from kerasfg.layers.feature_maps import position_rows
from kerasfg.layers.feature_maps import project
from kerasfg.layers.signed_root import check_epsilon
from kerasfg.layers.signed_root import signed_root
from kerasfg.layers.tensor_sketch import fft_is_cheaper
from kerasfg.layers.tensor_sketch import sketch_by_fft
from kerasfg.layers.tensor_sketch import sketch_by_gram

PROJECTIONS = ("random_maclaurin", "tensor_sketch")
METHODS = ("auto", "fft", "gram")


@keras.saving.register_keras_serializable(package="kerasfg")
class CompactBilinearPooling(keras.layers.Layer):
    """Pools a feature map into a random projection of its bilinear pooling.

    The features `x_n` and `y_n` of two maps at the `N = height * width`
    positions of an image (with a single map `y` is `x`) become
    `z = sum_n phi(x_n, y_n) / N`, followed (by default) by the signed square
    root and the L2 norm. The projection `phi` is random; the inner product of
    two `z` is, on average over seeds, that of their bilinear poolings:

    - `"tensor_sketch"`: each channel `i` of a map has a hash `h(i)` and a sign
      `s(i)`; `phi(x, y)[k]` is the sum of `s1(i) s2(j) x_i y_j` over
      `(h1(i) + h2(j)) mod output_dim == k`. It has 4 numbers per channel.
    - `"random_maclaurin"`: `phi(x, y) = (W1^T x) * (W2^T y) / sqrt(output_dim)`
      with matrices of 1 and -1, which hold `2 * channels * output_dim` bytes.

    Hashes, signs and matrices are drawn by the layer's own generator and saved
    as weights that are not trained.

    Args:
        output_dim: Number of features. Defaults to `8192`.
        projection: `"tensor_sketch"` or `"random_maclaurin"`. Defaults to
            `"tensor_sketch"`.
        method: How a training step computes the tensor sketch: `"gram"` (sums
            outer products, then sketches the sum), `"fft"` (convolves count
            sketches), which is cheaper for maps of a few positions, or
            `"auto"`, the cheaper one for the shapes at hand. The numbers are
            the same. Inference always uses `"gram"`, which every runtime
            can run. Defaults to `"auto"`.
        seed: Seed of the projection, a non-negative integer. Defaults
            to `0`.
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
        training: Whether this is a training step.

    Returns:
        Float tensor of shape `(batch, output_dim)`, unit L2 norm if
        `normalize`. Computed in float32 whatever the dtype of the layer.

    Raises:
        ValueError: If an argument is out of its range, the channels are to
            come first, or the inputs are not one or two maps of the same
            height and width with defined channels.

    Example:

    >>> features = ops.ones((2, 7, 7, 8))
    >>> tuple(CompactBilinearPooling(output_dim=16)(features).shape)
    (2, 16)

    Reference:

    - [Gao et al., 2016](https://arxiv.org/abs/1511.06062), Algorithms 1
      (random Maclaurin) and 2 (tensor sketch)
    - Fast and scalable polynomial kernels via explicit feature maps (Pham and
      Pagh, 2013), Algorithm 1
    """

    def __init__(
        self,
        output_dim=8192,
        projection="tensor_sketch",
        method="auto",
        seed=0,
        normalize=True,
        epsilon=1e-6,
        data_format=None,
        **kwargs,
    ):
        _check_arguments(output_dim, projection, method, seed)
        check_epsilon(epsilon)
        super().__init__(**kwargs)
        self.output_dim = output_dim
        self.projection = projection
        self.method = method
        self.seed = seed
        self.normalize = normalize
        self.epsilon = epsilon
        self.data_format = channels_last(data_format)

    def build(self, input_shape):
        channels = check_maps(self, input_shape, most=2)
        generator = np.random.default_rng(self.seed)
        self.hashes, self.signs = [], []
        for name, count in (("first", channels[0]), ("second", channels[-1])):
            shape = (count, self.output_dim)
            if self.projection == "tensor_sketch":
                shape = (count,)
                hashes = generator.integers(self.output_dim, size=shape)
                self.hashes.append(
                    self._constant(f"{name}_hashes", hashes.astype("int32"))
                )
            signs = 2 * generator.integers(2, size=shape, dtype="int8") - 1
            self.signs.append(self._constant(f"{name}_signs", signs))

    def _constant(self, name, values):
        return self.add_weight(
            shape=values.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                values, dtype
            ),
            dtype=values.dtype.name,
            trainable=False,
            name=name,
        )

    def call(self, inputs, training=False):
        maps = position_rows(inputs)
        first, second = maps[0], maps[-1]
        signs = [ops.cast(sign, "float32") for sign in self.signs]
        positions = ops.shape(first)[1]
        if self.projection == "tensor_sketch":
            by_fft = training and self._trains_by_fft(first, second)
            sketch = sketch_by_fft if by_fft else sketch_by_gram
            # Dividing the signs averages over positions: the sketch is linear.
            signs[0] = signs[0] / ops.cast(positions, "float32")
            pooled = sketch(first, second, self.hashes, signs, self.output_dim)
        else:
            products = project(first, signs[0]) * project(second, signs[1])
            pooled = ops.mean(products, axis=1) / self.output_dim**0.5
        if self.normalize:
            pooled = signed_root(pooled, self.epsilon)
        return ops.cast(pooled, self.compute_dtype)

    def _trains_by_fft(self, first, second):
        _, positions, channels = first.shape
        if self.method != "auto" or positions is None:
            return self.method == "fft"
        return fft_is_cheaper(
            positions, channels, second.shape[2], self.output_dim
        )

    def compute_output_shape(self, input_shape):
        return (list_of_shapes(input_shape)[0][0], self.output_dim)

    def get_config(self):
        return {
            **super().get_config(),
            "output_dim": self.output_dim,
            "projection": self.projection,
            "method": self.method,
            "seed": self.seed,
            "normalize": self.normalize,
            "epsilon": self.epsilon,
            "data_format": self.data_format,
        }


def _check_arguments(output_dim, projection, method, seed):
    if not output_dim > 0:
        raise ValueError(
            "Argument `output_dim` must be positive. "
            f"Received: output_dim={output_dim}"
        )
    if projection not in PROJECTIONS:
        raise ValueError(
            f"Argument `projection` must be one of {PROJECTIONS}. "
            f"Received: projection={projection!r}"
        )
    if method not in METHODS:
        raise ValueError(
            f"Argument `method` must be one of {METHODS}. "
            f"Received: method={method!r}"
        )
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(
            "Argument `seed` must be an integer that is not negative. "
            f"Received: seed={seed!r}"
        )
