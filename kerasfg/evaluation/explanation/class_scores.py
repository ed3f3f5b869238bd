"""The logits of a classifier that was cut, and their gradients."""

import keras
from keras import ops


def in_turn(models, values):
    """Calls models one after the other, without training."""
    for model in models:
        values = model(values, training=False)
    return values


def dense_weights(dense):
    """Returns the weights of a last layer with a column for each class.

    Args:
        dense: `keras.layers.Dense`.

    Returns:
        Kernel `(dim, classes)` and bias `(classes,)`, float32 tensors. A single
        output, of a sigmoid, becomes two classes; it is the score of the
        second.
    """
    kernel = ops.cast(dense.kernel, "float32")
    bias = ops.zeros(kernel.shape[-1])
    if dense.use_bias:
        bias = ops.cast(dense.bias, "float32")
    if kernel.shape[-1] == 1:
        kernel = ops.concatenate([-kernel, kernel], axis=-1)
        bias = ops.concatenate([-bias, bias])
    return kernel, bias


def gradients_of_maps(cut, maps, classes):
    """Computes the gradient of the logit of one class by the last maps.

    Args:
        cut: `CutClassifier`.
        maps: Output of its first part for images: a tensor or a list of them.
        classes: Class of each picture, integers of shape `(n,)`.

    Returns:
        Tensors like `maps`.

    Raises:
        ValueError: If the backend of Keras is neither TensorFlow nor JAX.
    """

    def total(values):
        rows = ops.one_hot(classes, logits.shape[-1], dtype="float32")
        return ops.sum(_logits(cut, values) * rows)

    logits = _logits(cut, maps)
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.grad(total)(maps)
    if backend == "tensorflow":
        import tensorflow as tf  # loaded already, as Keras's backend

        with tf.GradientTape() as tape:
            tape.watch(maps)
            result = total(maps)
        return tape.gradient(result, maps)
    raise ValueError(
        "Grad-CAM runs on TensorFlow and JAX. "
        f"Received: keras.backend.backend()={backend!r}"
    )


def _logits(cut, maps):
    scores = ops.cast(in_turn(cut.after, maps), "float32")
    if cut.dense is not None:
        kernel, bias = dense_weights(cut.dense)
        return ops.matmul(scores, kernel) + bias
    if scores.shape[-1] == 1:
        return ops.concatenate([-scores, scores], axis=-1)
    return scores
