"""Lets batch normalization follow a short training."""

import keras

from kerasfg.config.effort import SHORT
from kerasfg.config.effort import SHORT_MOMENTUM

_TEXT = (
    "Batch normalization follows faster, by momentum {momentum}: {steps} steps "
    "are few. As the network has it: --batch-norm own"
)


def follow_short_training(model, settings, steps_per_epoch, console):
    """Lowers the momentum of moving statistics where a training is short.

    With momentum 0.99, a tenth of what the statistics were at the beginning is
    left after 230 steps. The weights have changed by then, so that the network
    is evaluated with statistics that are not its own.

    Args:
        model: A Keras model that has not been compiled; it is changed.
        settings: `training` of a recipe; nothing is changed unless its
            `batch_norm` is `"auto"`.
        steps_per_epoch: Steps in an epoch.
        console: `rich.console.Console` that is told of a change.
    """
    steps = settings.epochs * steps_per_epoch
    if settings.batch_norm != "auto" or steps >= SHORT:
        return
    slower = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.momentum > SHORT_MOMENTUM
    ]
    for layer in slower:
        layer.momentum = SHORT_MOMENTUM
    if slower:
        text = _TEXT.format(momentum=SHORT_MOMENTUM, steps=steps)
        console.print(text, highlight=False, soft_wrap=True)
