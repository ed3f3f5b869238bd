"""One training step on TensorFlow."""

import warnings

import keras

from kerasfg.models.replicas import replica_count


def train_step(model, data):
    """Trains a `FineGrainedClassifier` on one batch, like Keras's own step.

    The network runs once. `compute_loss` computes the compiled loss and the
    terms of both papers from its outputs and moves the centroids. It works on
    any backend; other backends call it in Keras's own steps. The optimizer
    does loss scaling, gradient accumulation and moving averages; the terms sum
    over replicas themselves.

    Args:
        model: A compiled `FineGrainedClassifier`.
        data: Batch `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        Dictionary of the metrics.
    """
    import tensorflow as tf  # loaded already, as Keras's backend

    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    with tf.GradientTape() as tape:
        outputs = model.training_outputs(x)
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
    """Tracks the loss of the whole batch, not this replica's share."""
    for metric in model.metrics:
        if metric.name == "loss":
            metric.update_state(loss * replica_count(), batch_size)
