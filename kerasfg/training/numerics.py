"""Sets seeds, dtype policy and deterministic operators."""

import contextlib
import functools

import keras


@contextlib.contextmanager
def numerics(recipe):
    """Sets seeds, dtype policy and operators for a `with` block.

    Args:
        recipe: The `Training` section of a recipe.
    """
    keras.utils.set_random_seed(recipe.seed)
    before = keras.config.dtype_policy()
    if recipe.mixed_precision:
        keras.config.set_dtype_policy(f"mixed_{recipe.mixed_dtype}")
    try:
        with (
            deterministic_operators()
            if recipe.deterministic and keras.backend.backend() == "tensorflow"
            else contextlib.nullcontext()
        ):
            yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def deterministic_operators():
    """Makes TensorFlow deterministic in a `with` block.

    In addition to `enable_op_determinism`, gradients are added in pairs. If a
    tensor is used at least three times, as in batch normalization, TensorFlow
    sums its gradients by one `AddN`. Their order, and so the rounding, depends
    on the threads. The order of two numbers does not matter. Grappler's
    arithmetic optimization would merge the pairs into one `AddN` again, so it
    is turned off. A step takes 1 to 3 % longer.
    """
    import tensorflow as tf

    # TensorFlow has no public way to turn determinism off or change the sum.
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import backprop
    from tensorflow.python.framework import config

    def register(space):
        backprop._default_vspace = space
        pywrap_tfe.TFE_Py_RegisterVSpace(space)

    was_deterministic = config.is_op_determinism_enabled()
    optimizer = tf.config.optimizer
    options = optimizer.get_experimental_options()
    before = options.get("arithmetic_optimization", True)
    space = backprop._default_vspace
    tf.config.experimental.enable_op_determinism()
    optimizer.set_experimental_options({"arithmetic_optimization": False})
    in_pairs = functools.partial(_sum_in_pairs, space.aggregate_fn)
    register(space._replace(aggregate_fn=in_pairs))
    try:
        yield
    finally:
        register(space)
        optimizer.set_experimental_options({"arithmetic_optimization": before})
        if not was_deterministic:  # it keeps other models from XLA
            config.disable_op_determinism()


def _sum_in_pairs(add, gradients):
    return functools.reduce(lambda a, b: add([a, b]), gradients)
