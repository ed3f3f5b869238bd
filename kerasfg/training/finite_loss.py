"""Ends a training whose loss is not finite."""

import keras
import numpy as np


class LossNotFinite(ValueError):
    """The loss or a weight became infinite or NaN.

    Attributes:
        epoch: Number of the epoch in which that happened, from 1.
    """

    def __init__(self, epoch, what="loss"):
        super().__init__(
            f"The {what} is not finite in epoch {epoch}, so that nothing more "
            "is learned: lower the learning rate. The training ended there, "
            f"without a report. Received: epoch={epoch}"
        )
        self.epoch = epoch


class FiniteLoss(keras.callbacks.Callback):
    """Ends the training at the first loss that is not finite.

    The loss is read after each execution of the training function, and before
    a later callback saves anything. A step that the loss scaling of
    mixed precision skips, since its gradients are infinite, has a finite loss.

    Raises:
        LossNotFinite: From `fit`.
    """

    async_safe = True  # Keras need not wait for each step's metrics

    def __init__(self):
        super().__init__()
        self.epoch = 0
        self.found = False

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if not _is_finite(logs, "loss"):
            self.found = True
            self.model.stop_training = True  # `fit` leaves the epoch

    def on_test_begin(self, logs=None):
        self._end()

    def on_epoch_end(self, epoch, logs=None):
        self.found |= not _is_finite(logs, "loss")
        self._end()
        if not _is_finite(logs, "val_loss"):
            raise LossNotFinite(self.epoch, "loss on the validation pictures")

    def _end(self):
        if self.found:
            raise LossNotFinite(self.epoch)


def check_finite(arrays, epoch):
    """Checks the weights that are about to be saved.

    Args:
        arrays: The weights.
        epoch: Number of the epoch, from 1.

    Raises:
        LossNotFinite: If a weight is not finite.
    """
    for array in arrays:
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise LossNotFinite(epoch, "network's weights")


def _is_finite(logs, key):
    return bool(np.isfinite(float((logs or {}).get(key, 0.0))))
