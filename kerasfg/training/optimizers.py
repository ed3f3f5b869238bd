"""Makes the optimizer and the learning-rate schedule of a recipe."""

import math

import keras


def optimizer(recipe, steps_per_epoch):
    """Returns the optimizer of the main stage.

    Args:
        recipe: The `Training` section of a recipe.
        steps_per_epoch: Steps in an epoch.

    Returns:
        `keras.optimizers.SGD` with momentum 0.9, or `AdamW`.
    """
    rate = learning_rate(recipe, steps_per_epoch)
    return _optimizer(recipe, rate)


def head_optimizer(recipe):
    """Returns the optimizer of the head's stage, with a constant rate."""
    return _optimizer(recipe, recipe.of_optimizer("head_learning_rate"))


def learning_rate(recipe, steps_per_epoch):
    """Returns the learning rate of the main stage.

    With the schedule `"step"` the rate is lowered one step later than PyTorch
    does it: Keras's `PiecewiseConstantDecay` keeps the old value at the
    boundary itself, which is the first step of the next `step_epochs`.

    Args:
        recipe: The `Training` section of a recipe.
        steps_per_epoch: Steps in an epoch.

    Returns:
        A float, or one of Keras's schedules over the steps of the stage.
    """
    peak = recipe.of_optimizer("learning_rate")
    warmup = math.ceil(recipe.warmup_epochs * steps_per_epoch)
    total = recipe.epochs * steps_per_epoch
    if recipe.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else peak,
            decay_steps=max(total - warmup, 1),
            warmup_target=peak if warmup else None,
            warmup_steps=warmup,
        )
    boundaries, values = _stairs(peak, warmup)
    if recipe.schedule == "step":
        every = recipe.step_epochs * steps_per_epoch
        for number, step in enumerate(range(every, total, every), start=1):
            boundaries.append(step)
            values.append(peak / 10**number)
    if not boundaries:
        return peak
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


def _stairs(peak, warmup, stairs=10):
    """Returns a warm-up in equal steps, for a piecewise constant schedule."""
    stairs = min(stairs, warmup)
    boundaries = [warmup * (i + 1) // stairs for i in range(stairs)]
    values = [peak * (i + 1) / (stairs + 1) for i in range(stairs)]
    return boundaries, [*values, peak]


def _optimizer(recipe, rate):
    common = {
        "learning_rate": rate,
        "use_ema": recipe.ema > 0,
        "ema_momentum": recipe.ema or 0.99,
    }
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=0.9, **common)
    decay = recipe.of_optimizer("weight_decay")
    adamw = keras.optimizers.AdamW(weight_decay=decay, **common)
    adamw.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return adamw
