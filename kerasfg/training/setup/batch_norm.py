"""Lets batch normalization follow a short training."""

import keras

from kerasfg.config.effort import SHORT
from kerasfg.config.effort import SHORT_MOMENTUM


def follow_short_training(model, settings, steps_per_epoch):
    """Lowers the momentum of moving statistics where a training is short.

    With momentum 0.99, a tenth of what the statistics were at the beginning is
    left after 230 steps. The weights have changed by then, so that the network
    is evaluated with statistics that are not its own.

    Args:
        model: A Keras model that has not been compiled; it is changed.
        settings: `training` of a recipe; nothing is changed unless its
            `batch_norm` is `"auto"`.
        steps_per_epoch: Steps in an epoch.
    """
    is_short = settings.epochs * steps_per_epoch < SHORT
    if settings.batch_norm != "auto" or not is_short:
        return
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = min(layer.momentum, SHORT_MOMENTUM)
