"""Seeds, dtype policy and operators that give the same bits each time."""

import contextlib
import functools

import keras


@contextlib.contextmanager
def numerics(recipe):
    """Sets seeds, dtype policy and operators for what is done inside a `with`.

    Args:
        recipe: The `Training` section of a recipe.
    """
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        tf.config.set_visible_devices([], "GPU")  # it only makes the batches
    keras.utils.set_random_seed(recipe.seed)
    before = keras.config.dtype_policy()
    if recipe.mixed_precision:
        keras.config.set_dtype_policy("mixed_float16")
    try:
        with (
            deterministic_operators()
            if recipe.deterministic
            else contextlib.nullcontext()
        ):
            yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def deterministic_operators():
    """Has TensorFlow give the same bits each time, inside a `with`.

    Besides `enable_op_determinism` this adds gradients two by two. Where a
    tensor is used three times or more, as it is in batch normalization, its
    gradients are summed by one `AddN`, which starts with that one whose memory
    is free first: the order, and with it the rounding, is that of the threads.
    Of two numbers the order does not matter. Grappler's arithmetic optimization
    would make one `AddN` of all again, and is turned off; the whole step takes
    1 to 3 % longer.
    """
    import tensorflow as tf

    # Only TensorFlow's inner modules have the way back, and the sum.
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
        if not was_deterministic:  # else no other model compiles with XLA
            config.disable_op_determinism()


def _sum_in_pairs(add, gradients):
    return functools.reduce(lambda a, b: add([a, b]), gradients)
