"""Finds what the familiarity is computed from, and computes it in a graph."""

import numpy as np

from kerasfg.export.inference.known_models import is_own_model

_NEEDED = ("features", "logits", "probabilities")


def check_familiarity(head, model):
    """Checks that a familiarity belongs to a network.

    Args:
        head: `kerasfg.evaluation.metrics.familiarity_head.Familiarity`, or
            anything with the same attributes.
        model: `keras.Model`.

    Raises:
        ValueError: If the model does not give features and logits, or as many
            features as the familiarity takes.
    """
    outputs = getattr(getattr(model, "network", None), "output", None)
    if not is_own_model(model) or not _has_own_call(model):
        raise ValueError(
            "Only a model of kerasfg gives the features and logits that the "
            "familiarity is computed from: leave it out. "
            f"Received: model={type(model).__name__}"
        )
    size, taken = outputs["features"].shape[-1], len(head.projection)
    if size != taken:
        raise ValueError(
            "A familiarity must be that of the network, which gives "
            f"{size} features: evaluate the run again. "
            f"Received: one for {taken} features"
        )
    if not head.distance and not head.energy:
        raise ValueError(
            "A familiarity must depend on the picture. "
            f"Received: distance={head.distance}, energy={head.energy}"
        )


def _has_own_call(model):
    """Whether the network gets the pixels as they are: no subclass acts."""
    call = next(
        vars(x)["call"] for x in type(model).__mro__ if "call" in vars(x)
    )
    return call.__module__.startswith("kerasfg.")


def network_outputs(model, pixels):
    """Runs a network: its features, logits and probabilities, in float32.

    Args:
        model: `keras.Model` that `check_familiarity` takes.
        pixels: Tensor `(pictures, N, N, 3)`, from 0 to 255.
    """
    import keras

    outputs = model.network(pixels, training=False)
    return [keras.ops.cast(outputs[name], "float32") for name in _NEEDED]


def familiarity(head, features, logits, probabilities):
    """Computes the familiarity as TensorFlow operations that all runtimes have.

    The formula is that of `Familiarity`, in few operators. With weights `w`
    for the numbers of a projection that is scaled to a largest entry of 1:

    ```python
    w * (z - m) ** 2 == w * z**2 - 2 * w * z * m + w * m**2
    log(sum(exp(logits))) == max(logits) - log(max(probabilities))
    ```

    Args:
        head: `Familiarity`.
        features: Tensor `(pictures, dim)`.
        logits: Tensor `(pictures, classes)`.
        probabilities: Tensor `(pictures, classes)`, their softmax.

    Returns:
        Tensor `(pictures, 1)`.
    """
    import tensorflow as tf

    parts = []
    if head.distance:
        parts.append(_nearness(head, features))
    if head.energy:
        highest = tf.reduce_max(logits, axis=1, keepdims=True)
        share = tf.reduce_max(probabilities, axis=1, keepdims=True)
        parts.append(np.float32(head.energy) * (highest - tf.math.log(share)))
    value = parts[0] + parts[1] if len(parts) == 2 else parts[0]
    if not head.distance:
        value = value + np.float32(head.offset)
    return tf.sigmoid(value)


def _nearness(head, features):
    """Returns `offset - distance * d`."""
    import tensorflow as tf

    projection = head.projection.astype("float64")
    # Where one scale is taken for all numbers, none is lost.
    scale = np.maximum(np.abs(projection).max(axis=0), 1e-12)
    weights = -head.distance * scale**2
    means = head.means.astype("float64") / scale
    # Near 0, squares are no larger than what they differ by.
    middle = means.mean(axis=0)
    bias = head.bias / scale - middle
    means = means - middle
    if head.normalize:
        features = _normalized(features)
    z = tf.matmul(features, _constant(projection / scale)) + _constant(bias)
    square = tf.matmul(tf.square(z), _constant(weights[:, None]))
    square = square + _constant([head.offset])
    if len(means) == 1:
        return square
    to_means = tf.matmul(z, _constant((-2 * weights * means).T))
    to_means = to_means + _constant(means**2 @ weights)
    nearest = tf.reduce_max if head.distance > 0 else tf.reduce_min
    return square + nearest(to_means, axis=1, keepdims=True)


def _normalized(features):
    """Divides features by their length."""
    import tensorflow as tf

    square = tf.reduce_sum(tf.square(features), axis=1, keepdims=True)
    return features * tf.math.rsqrt(tf.maximum(square, np.float32(1e-12)))


def _constant(values):
    import tensorflow as tf

    return tf.constant(np.asarray(values, "float32"))
