"""Hands batches to `Model.fit` while a thread makes the next ones."""

import time

from kerasfg.data.batches.prefetch import prefetched


def stamped(batches, first_epoch, last_epoch, first_step=0):
    """Yields the batches of some epochs, made ahead by a thread.

    Args:
        batches: A `TrainingBatches`, whose `ready_at` gets the time when each
            batch was ready.
        first_epoch: Index of the first epoch.
        last_epoch: Index of the last epoch plus one.
        first_step: Index of the first batch in the first epoch. Defaults to
            `0`.

    Yields:
        The batches.
    """
    steps = batches.steps_per_epoch
    first = first_epoch * steps + first_step
    made = (
        batches.batch(*divmod(index, steps))
        for index in range(first, last_epoch * steps)
    )
    for batch in prefetched(made):
        batches.ready_at.append(time.perf_counter())
        yield batch


def tensorflow_dataset(batches, first_epoch, last_epoch):
    """Returns the batches of some epochs as a `tf.data.Dataset`.

    It gives TensorFlow the size of a batch, which a `keras.utils.PyDataset`
    does not, so that the graph of a step is made for it.

    Args:
        batches: A `TrainingBatches`.
        first_epoch: Index of the first epoch.
        last_epoch: Index of the last epoch plus one.
    """
    import tensorflow as tf  # loaded already, as Keras's backend

    batches.ready_at.clear()
    size = batches.part_size
    targets = tf.TensorSpec((size,), tf.int32)
    if batches.is_taught:
        logits = tf.TensorSpec((size, None), tf.float32)
        targets = {"label": targets, "teacher_logits": logits}
    images = tf.TensorSpec((size, *batches.shape), tf.float32)
    return tf.data.Dataset.from_generator(
        lambda: stamped(batches, first_epoch, last_epoch),
        output_signature=(images, targets),
    ).prefetch(2)
