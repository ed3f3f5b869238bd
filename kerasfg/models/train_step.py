"""One training step on TensorFlow, and a warning where it is not taken."""

import warnings

import keras

from kerasfg.models.replicas import replica_count

TERMS = ("class_variance", "attribute_distance", "weight_decay", "distillation")


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
        outputs = model.network(x, training=True)
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


def warn_of_idle_terms(model):
    """Warns that a model with terms is called by a training not its own."""
    terms = ", ".join(name for name in TERMS if name in model.trackers)
    warnings.warn(
        f"The model {model.name!r} is called with training=True outside its "
        f"own training, where its terms do not act: {terms}. If it is a part "
        "of a model that is trained, train it by its own fit() first, or make "
        "it without terms. For predictions with dropout nothing is wrong.",
        stacklevel=2,
    )


def _track(model, loss, batch_size):
    """Logs the loss of the whole batch, not this replica's share."""
    for metric in model.metrics:
        if metric.name == "loss":
            metric.update_state(loss * replica_count(), batch_size)
