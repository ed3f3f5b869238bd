"""Residual sigmoid attention: amplifies strong responses of a map."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasfg")
class ResidualSigmoidAttention(keras.layers.Layer):
    """Multiplies a feature map by one plus its own sigmoid.

    Computes `mask = sigmoid(F)` and `M = F * (1 + mask)`, element by element
    and without parameters. After a ReLU the mask lies in `[0.5, 1)`: strong
    responses are raised up to twice, none is suppressed. On a map with
    negative values the factor lies in `(1, 2)`.

    Args:
        return_mask: Whether to return the mask, too, to plot it. Defaults to
            `False`.
        **kwargs: Base layer keyword arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Features `F` of shape `(batch, height, width, channels)`.

    Returns:
        `M`, of the shape of `inputs`; with `return_mask` the pair `(M, mask)`.

    Example:

    >>> features = ops.zeros((2, 7, 7, 8)) + 100.0
    >>> attended = ResidualSigmoidAttention()(features)
    >>> float(attended[0, 0, 0, 0])
    200.0

    Reference:

    - The loss model with class variance for fine-grained classification (Long
      et al.), Eq. 1 and 2
    """

    def __init__(self, return_mask=False, **kwargs):
        super().__init__(**kwargs)
        self.return_mask = return_mask
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs):
        mask = ops.sigmoid(inputs)
        attended = inputs * (1 + mask)
        return (attended, mask) if self.return_mask else attended

    def compute_output_shape(self, input_shape):
        return (input_shape, input_shape) if self.return_mask else input_shape

    def get_config(self):
        return {**super().get_config(), "return_mask": self.return_mask}
