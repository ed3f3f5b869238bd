"""The devices that share a training."""

import contextlib
import itertools

import keras


@contextlib.contextmanager
def on_devices(number=None):
    """Shares what is built and fitted inside a `with` among devices.

    On JAX by `keras.distribution.DataParallel`, over the devices of all
    processes; on TensorFlow by `tf.distribute.MirroredStrategy`, over the
    GPUs of this machine. Weights are copied to each device, and a batch is
    divided among them; pairs and centroids are those of the whole batch. So is
    batch normalization on JAX; on TensorFlow each device has its own, but for
    layers made with `synchronized=True`.

    Args:
        number: How many of each process's devices to use. Defaults to `None`:
            all.

    Yields:
        The number of devices of all processes.

    Raises:
        ValueError: If a process has not as many devices.
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
    """Checks that each device gets as many pictures of a batch.

    Args:
        recipe: The `Training` section of a recipe.
        pictures: Number of training pictures.
        devices: Number of devices.

    Raises:
        ValueError: If it does not.
    """
    size = recipe.batch_size
    if not recipe.balanced:
        size = min(size, pictures)
    if size % devices:
        raise ValueError(
            "Each device must get as many pictures of a batch: take a "
            f"batch_size that is a multiple of {devices}, the number of "
            f"devices of all processes. Received: batch_size={size}"
        )


def _jax_devices(number):
    """Those of each process, in the order of the processes."""
    import jax

    groups = itertools.groupby(jax.devices(), lambda d: d.process_index)
    found = [_first(list(group), number) for _, group in groups]
    return [f"{d.platform}:{d.id}" for own in found for d in own]


def _gpus(number):
    import tensorflow as tf

    if number == 1:
        return ["/cpu:0"]  # no strategy; TensorFlow takes its first device
    gpus = [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
    return _first(gpus, number)


def _first(devices, number):
    if number is not None and len(devices) < number:
        raise ValueError(
            f"A process must have as many devices; it has {len(devices)}. "
            f"Received: devices={number}"
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
