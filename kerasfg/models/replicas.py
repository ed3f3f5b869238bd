"""Sums and gathers over the replicas of a distribution strategy."""

import keras


def replica_count():
    """Returns how many replicas share the current training step.

    Returns:
        Python int; 1 outside a TensorFlow distribution strategy, and under a
        backend where one program holds the whole batch.
    """
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf  # loaded already, as Keras's backend

    return tf.distribute.get_strategy().num_replicas_in_sync
