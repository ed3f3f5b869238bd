"""Slopes of a scalar function, by each backend's own means."""

import keras
import numpy as np


def gradient(function, *arrays):
    """Returns the slopes of a function of tensors by each of the arrays.

    On JAX variables keep their values in the function, and all floats are
    float32.
    """
    if keras.backend.backend() == "tensorflow":
        return _by_tensorflow(function, *arrays)
    return _by_jax(function, *arrays)


def _by_tensorflow(function, *arrays):
    import tensorflow as tf

    tensors = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = function(*tensors)
    slopes = tape.gradient(value, tensors, unconnected_gradients="zero")
    return [slope.numpy() for slope in slopes]


def _by_jax(function, *arrays):
    import jax

    def value(*tensors):
        with keras.StatelessScope():
            return function(*tensors)

    slopes = jax.grad(value, tuple(range(len(arrays))))(
        *[jax.numpy.asarray(array) for array in arrays]
    )
    return [np.asarray(slope) for slope in slopes]
