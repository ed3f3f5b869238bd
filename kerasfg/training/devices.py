"""Distributes a training over devices."""

import contextlib
import itertools

import keras


@contextlib.contextmanager
def on_devices(number=None):
    """Distributes models built and fitted in the `with` block over devices.

    JAX uses `keras.distribution.DataParallel` over the devices of all
    processes. TensorFlow uses `tf.distribute.MirroredStrategy` over the GPUs
    of this machine. Weights are copied to each device, and a batch is divided
    among the devices. Pairs and centroids are computed over the whole batch.
    On JAX batch normalization is, too. On TensorFlow each device normalizes
    its part of the batch, except in layers with `synchronized=True`.

    Args:
        number: Number of devices to use in each process. Defaults to `None`:
            all devices.

    Yields:
        The number of devices of all processes.

    Raises:
        ValueError: If a process has fewer devices.
    """
    if number is not None and number < 1:
        raise ValueError(
            f"There must be at least one device. Received: devices={number}"
        )
    if keras.backend.backend() == "jax":
        devices = _jax_devices(number)
        scope = _data_parallel(devices)
    else:
        devices = _gpus(number)
        scope = _mirrored(devices)
    with scope:
        yield max(len(devices), 1)


def check_batch_size(recipe, pictures, devices):
    """Checks that a batch can be divided evenly among the devices.

    Args:
        recipe: The `Training` section of a recipe.
        pictures: Number of training pictures.
        devices: Number of devices.

    Raises:
        ValueError: If the batch size is not a multiple of `devices`.
    """
    size = recipe.batch_size
    if size == "auto":  # it will be such a multiple
        return
    if not recipe.balanced:
        size = min(size, pictures)
    if size % devices:
        raise ValueError(
            "Each device must get the same number of pictures of a batch. Take "
            f"a batch_size that is a multiple of {devices}, the number of "
            f"devices of all processes. Received: batch_size={size}"
        )


def _jax_devices(number):
    """Returns the devices of all processes, ordered by process."""
    import jax

    groups = itertools.groupby(jax.devices(), lambda d: d.process_index)
    found = [_first(list(group), number) for _, group in groups]
    return [f"{d.platform}:{d.id}" for own in found for d in own]


def _gpus(number):
    import tensorflow as tf

    if number == 1:
        return ["/cpu:0"]  # no strategy; TensorFlow uses its first device
    gpus = [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
    return _first(gpus, number)


def _first(devices, number):
    if number is not None and len(devices) < number:
        raise ValueError(
            "The number of devices must be at most that of each process, "
            f"{len(devices)}. Received: devices={number}"
        )
    return devices[:number]


def _data_parallel(devices):
    if len(devices) == 1:
        return contextlib.nullcontext()
    return keras.distribution.DataParallel(
        devices=devices, auto_shard_dataset=False
    ).scope()


def _mirrored(devices):
    if len(devices) < 2:
        return contextlib.nullcontext()
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(devices).scope()
