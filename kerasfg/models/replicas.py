"""Sums and gathers over the replicas of a distribution strategy.

With a backend whose program holds the whole batch, and outside a strategy,
there is one replica, and the functions return their arguments.
"""

import keras


def replica_count():
    """Returns how many replicas share the current training step."""
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf  # loaded already, as Keras's backend

    return tf.distribute.get_strategy().num_replicas_in_sync


def sum_over_replicas(tensors):
    """Adds up each tensor over the replicas.

    Args:
        tensors: Tuple of tensors, each of one shape on all replicas.

    Returns:
        Tuple of tensors, the same on all replicas, without a gradient.
    """
    if replica_count() == 1:
        return tensors
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return tuple(context.all_reduce(tf.distribute.ReduceOp.SUM, list(tensors)))


def gather_over_replicas(tensor):
    """Concatenates a tensor over the replicas, along the batch.

    Its gradient is the sum, over the replicas, of the gradients with respect
    to the rows that came from this one.

    Args:
        tensor: Tensor whose shape may differ over replicas in the first
            dimension only.

    Returns:
        Tensor, the same on all replicas.
    """
    if replica_count() == 1:
        return tensor
    import tensorflow as tf

    return tf.distribute.get_replica_context().all_gather(tensor, axis=0)
