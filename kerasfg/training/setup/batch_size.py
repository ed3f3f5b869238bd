"""Chooses the batch size where a recipe leaves it open (`"auto"`)."""

import contextlib
import json
import math

import keras
import numpy as np
from rich.console import Console

from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.terminal_text import visible

USUAL = 32  # pictures in a step; what the rates of a recipe are for
MIN_STEPS = 20  # in an epoch
SMALLEST, LARGEST = 8, 4096
ASSUMED_BYTES = 8 * 2**30
# Of each value that a layer gives: itself, its gradient, and what the
# convolutions need meanwhile.
COPIES = 3
# The weights, their gradients, two moments and an average.
COPIES_OF_WEIGHTS = 5


def settled_batch_size(
    recipe,
    model,
    labels,
    devices=1,
    processes=SINGLE_PROCESS,
    verbose=True,
    memory=None,
):
    """Settles the options that `batch_size="auto"` leaves open.

    The batch is the largest power of two (times what balanced batches or
    several devices need) that half of the device's memory holds, that leaves 20
    steps in an epoch, and that is at most 4096. Half, since `DeviceSteps` may
    put the pixels of all pictures into the other half. What a picture needs is
    estimated from the sizes of all layers. Without a GPU there is nothing to
    fill, and the batch has at most 32 pictures.

    Rates of a recipe are for 32 pictures in a step. With SGD they are
    multiplied by `batch_size / 32` (Goyal et al.), with AdamW by its square
    root (Malladi et al.). The momentum of the moving average is raised to the
    power of `batch_size / 32`, so that it spans as many pictures.

    Args:
        recipe: The `Recipe`.
        model: The classifier, on its device.
        labels: Labels of the training pictures.
        devices: Devices that share a batch. Defaults to `1`.
        processes: `Processes` that share the training; the first one decides.
            Defaults to `SINGLE_PROCESS`.
        verbose: Whether to print what was chosen. Defaults to `True`.
        memory: Bytes of memory of a device, 0 if it is no GPU. Defaults to
            `None`: those that are free.

    Returns:
        Dictionary for `Recipe.with_options`.

    Raises:
        ValueError: If balanced batches need more classes than there are.

    Reference:

    - [Goyal et al., 2017](https://arxiv.org/abs/1706.02677), section 2.1
    - [Malladi et al., 2022](https://arxiv.org/abs/2205.10287), section 4
    - [Busbridge et al., 2023](https://arxiv.org/abs/2307.13813), of averages
    """
    settings = recipe.training
    memory, said = device_memory() if memory is None else (memory, "")
    size, why = _size(settings, model, labels, devices, memory)
    options = {"batch_size": size, **_scaled(settings, size)}
    options = json.loads(processes.share(json.dumps(options).encode()))
    console = Console(quiet=not (verbose and processes.is_leader))
    text = (
        f"Batches of {options['batch_size']} pictures: {said}{why}. Learning "
        f"rate {options['learning_rate']:.3g} ({_rule(settings, options)})"
    )
    console.print(
        visible(text),
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return options


def device_memory():
    """Returns the free bytes of the first device, and a remark.

    The bytes are 0 if it is no GPU.
    """
    if keras.backend.backend() == "jax":
        import jax

        device = jax.local_devices()[0]
        if device.platform == "cpu":
            return 0, ""
        stats = device.memory_stats() or {}
        if "bytes_limit" in stats:
            used = stats.get("bytes_in_use", 0)
            return stats["bytes_limit"] - used, ""
    else:
        import tensorflow as tf  # loaded already, as Keras's backend

        if not tf.config.list_logical_devices("GPU"):
            return 0, ""
    return (
        ASSUMED_BYTES,
        "the GPU does not report its memory, 8 GiB assumed; ",
    )


def bytes_per_picture(model):
    """Estimates the bytes that a picture needs in a training step.

    Args:
        model: A Keras model of functional models and layers.
    """
    return COPIES * sum(
        math.prod(tensor.shape[1:]) * (2 if "16" in tensor.dtype else 4)
        for tensor in _outputs(model.layers)
    )


def _outputs(layers):
    """Yields what layers give, those of models inside, too."""
    for layer in layers:
        if isinstance(layer, keras.Model):
            yield from _outputs(layer.layers)
            continue
        with contextlib.suppress(AttributeError, ValueError):
            yield from keras.tree.flatten(layer.output)


def _size(settings, model, labels, devices, memory):
    """Returns the size of a batch, and what it depended on."""
    unit = _unit(settings, labels, devices)
    weights = 4 * model.count_params() * COPIES_OF_WEIGHTS
    fits = (memory / 2 - weights) * devices / bytes_per_picture(model)
    allowed = len(labels) // MIN_STEPS
    limits = {
        f"an epoch then has {MIN_STEPS} steps or more": allowed,
        "more are not tried": LARGEST,
    }
    if memory:
        limits[f"half of {memory / 2**30:.3g} GiB of memory holds them"] = fits
    else:
        limits["there is no GPU to fill"] = USUAL
    why, limit = min(limits.items(), key=lambda item: item[1])
    most = LARGEST
    if settings.balanced:
        most = settings.balanced * len(np.unique(labels))
    size = unit
    while 2 * size <= min(most, max(limit, SMALLEST)):
        size *= 2
    if 2 * size > most and 2 * size <= limit:
        why = "more need more classes"
    if size > limit:
        steps = max(1, len(labels) // size)
        why = f"the smallest batch, so an epoch has {steps} steps"
    return size, why


def _unit(settings, labels, devices):
    """Returns what a batch is a power of two of."""
    each = settings.balanced
    unit = math.lcm(devices, 2 * each or 1)
    classes = len(np.unique(labels))
    if each and unit > each * classes:
        raise ValueError(
            f"A balanced batch on {devices} devices needs {unit // each} "
            "classes: lower `balanced`, or use fewer devices. "
            f"Received: balanced={each}, {classes} classes"
        )
    return unit


def _scaled(settings, size):
    factor = size / USUAL
    rate_factor = factor if settings.optimizer == "sgd" else factor**0.5
    rates = {
        key: settings.of_optimizer(key) * rate_factor
        for key in ("learning_rate", "head_learning_rate")
    }
    return rates | {"ema": settings.ema**factor if settings.ema else 0.0}


def _rule(settings, options):
    size, rate = options["batch_size"], settings.of_optimizer("learning_rate")
    if size == USUAL:
        return f"as for {USUAL} pictures"
    ratio = f"{size} / {USUAL}"
    if settings.optimizer == "adamw":
        ratio = f"the square root of {ratio}"
    return f"{rate:g} times {ratio}"
