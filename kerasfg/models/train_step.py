"""One training step on TensorFlow."""

import warnings

import keras

from kerasfg.models.replicas import replica_count


def train_step(model, data):
    """Takes a step of a `FineGrainedClassifier`, as Keras's own step does.

    The network runs once. What `compute_loss` makes of its outputs (the
    compiled loss, the terms of both papers, the move of the centroids) is
    neutral to the backend, and other backends reach it by Keras's own steps.
    Loss scaling, gradient accumulation and moving averages are the
    optimizer's; sums over replicas are the terms' own.

    Args:
        model: A compiled `FineGrainedClassifier`.
        data: Batch `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        Dictionary of the metrics.
    """
    import tensorflow as tf  # loaded already, as Keras's backend

    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    with tf.GradientTape() as tape:
        outputs = model(x, training=True)
        loss = model.compute_loss(x, y, outputs, sample_weight, training=True)
        _track(model, loss, tf.shape(outputs["logits"])[0])
        loss = model.optimizer.scale_loss(loss)
    weights = model.trainable_weights
    if weights:
        gradients = tape.gradient(loss, weights)
        model.optimizer.apply_gradients(zip(gradients, weights, strict=True))
    else:
        warnings.warn("The model has no trainable weights.", stacklevel=2)
    return model.compute_metrics(x, y, outputs, sample_weight)


def _track(model, loss, batch_size):
    """Logs the loss of the whole batch, not this replica's share."""
    for metric in model.metrics:
        if metric.name == "loss":
            metric.update_state(loss * replica_count(), batch_size)
