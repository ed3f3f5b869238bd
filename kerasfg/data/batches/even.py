"""Evaluation batches that can be divided evenly among devices."""

import numpy as np

from kerasfg.data.batches.sequences import EvenSequence


def even_batches(
    images, labels, devices, part=(0, 1), rows=None, batch_size=64
):
    """Makes ordered batches whose size is a multiple of the device count.

    The last batch is filled up with pictures of weight 0. The other weights
    are chosen so that Keras's mean over the weighted batches, for example of
    the loss, equals the mean over the pictures.

    Args:
        images: uint8 array `(pictures, height, width, 3)`.
        labels: int array `(pictures,)`.
        devices: Number of devices that share a batch.
        part: `(index, count)`: selects one of `count` equal parts of each
            batch. `devices` must be a multiple of `count`. Defaults to
            `(0, 1)`: the whole batch.
        rows: Indices of the pictures to use. Defaults to `None`: all.
        batch_size: Pictures in a batch, rounded up to a multiple of
            `devices`. Defaults to `64`.

    Returns:
        `EvenSequence` of float32 images 0 to 255, int32 labels and float32
        weights.

    Example:

    >>> images = np.zeros((5, 8, 8, 3), "uint8")
    >>> batches = even_batches(images, np.zeros(5, "int32"), devices=2)
    >>> *_, weights = batches[0]
    >>> [f"{weight:.1f}" for weight in weights]
    ['1.2', '1.2', '1.2', '1.2', '1.2', '0.0']
    """
    rows = np.arange(len(images)) if rows is None else np.asarray(rows)
    total = _rounded_up(len(rows), devices)
    weights = np.repeat(
        np.array([total / max(len(rows), 1), 0], "float32"),
        [len(rows), total - len(rows)],
    )
    rows = np.resize(rows, total)
    batch_size = _rounded_up(batch_size, devices)
    return EvenSequence(images, labels, rows, weights, batch_size, part)


def _rounded_up(number, divisor):
    return -(-number // divisor) * divisor
