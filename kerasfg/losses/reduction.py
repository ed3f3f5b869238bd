"""Keras's reduction for losses that take more than two tensors."""

import keras


def reduced(losses, sample_weight, loss):
    """Reduces losses of samples as `keras.losses.Loss` does.

    Args:
        losses: Shape `(batch,)`.
        sample_weight: Shape `(batch,)` or `None`.
        loss: The `keras.losses.Loss` whose `reduction`, `dtype` and `name`
            apply.

    Returns:
        Scalar, or shape `(batch,)` if the reduction is `None` or `"none"`.
        Under a `tf.distribute` strategy a mean is divided by the number of
        replicas.
    """
    return _Unchanged(loss.name, loss.reduction, loss.dtype)(
        losses, losses, sample_weight
    )


class _Unchanged(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return y_pred
