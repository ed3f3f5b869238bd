"""Evaluation batches that can be divided evenly among devices."""

import numpy as np
import tensorflow as tf


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
        A `tf.data.Dataset` of float32 images 0 to 255, int32 labels and
        float32 weights.

    Example:

    >>> images = np.zeros((5, 8, 8, 3), "uint8")
    >>> batches = even_batches(images, np.zeros(5, "int32"), devices=2)
    >>> *_, weights = next(batches.as_numpy_iterator())
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
    index, count = part

    def batches():
        for start in range(0, total, batch_size):
            batch = np.arange(start, min(start + batch_size, total))
            own = batch.reshape(count, -1)[index]
            yield (
                np.asarray(images[rows[own]], "float32"),
                np.asarray(labels[rows[own]], "int32"),
                weights[own],
            )

    signature = (
        tf.TensorSpec((None, *images.shape[1:]), tf.float32),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None,), tf.float32),
    )
    dataset = tf.data.Dataset.from_generator(
        batches, output_signature=signature
    )
    number = tf.data.experimental.assert_cardinality(-(-total // batch_size))
    return dataset.apply(number).prefetch(2)


def _rounded_up(number, divisor):
    return -(-number // divisor) * divisor
