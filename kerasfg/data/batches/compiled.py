"""Compiles a function of arrays for the backend of Keras."""

import keras


def compiled(function):
    """Compiles a function of `keras.ops`, outside of a model.

    Args:
        function: A function of arrays, made of `keras.ops`.

    Returns:
        The function, compiled by TensorFlow or JAX; on other backends as it
        is. It gives tensors of the backend.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf  # loaded already, as Keras's backend

        return tf.function(function)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function
