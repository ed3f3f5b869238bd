"""`numerics`: what it sets, and that it puts it back."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import is_op_determinism_enabled

from kerasfg.models import backbone
from kerasfg.training.numerics import numerics


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_numerics_hold_inside_and_are_put_back(recipe, dtype):
    settings = recipe.with_options(
        deterministic=True, mixed_precision=True, mixed_dtype=dtype
    )
    policy = keras.config.dtype_policy()
    assert not is_op_determinism_enabled()
    with pytest.raises(KeyError), numerics(settings.training):
        assert is_op_determinism_enabled()
        assert keras.config.dtype_policy().name == f"mixed_{dtype}"
        raise KeyError
    assert not is_op_determinism_enabled()
    assert keras.config.dtype_policy() == policy


def test_numerics_keep_what_was_deterministic_before(recipe):
    settings = recipe.with_options(deterministic=True).training
    with numerics(settings):
        with numerics(settings):
            assert is_op_determinism_enabled()
        assert is_op_determinism_enabled()
    assert not is_op_determinism_enabled()


def test_numerics_leave_the_operators_as_they_are_when_not_asked(recipe):
    with numerics(recipe.with_options(deterministic=False).training):
        assert not is_op_determinism_enabled()


def test_the_seed_is_set(recipe):
    drawn = []
    for seed in (1, 1, 2):
        with numerics(recipe.with_options(seed=seed).training):
            drawn.append(float(tf.random.uniform(())))
    assert drawn[0] == drawn[1] != drawn[2]


def sums(gradients_of):
    """How many gradients each `AddN` of a traced function adds."""
    graph = gradients_of.get_concrete_function(tf.ones(3)).graph
    return [
        len(operation.inputs)
        for operation in graph.get_operations()
        if operation.type == "AddN"
    ]


def test_gradients_are_added_two_by_two(recipe):
    def gradients_of(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            # Four uses of x: 2 x + cos(x) + exp(x) + 5.
            y = tf.square(x) + tf.sin(x) + tf.exp(x) + 5 * x
        return tape.gradient(y, x)

    options = tf.config.optimizer.get_experimental_options
    before = options().get("arithmetic_optimization", True)
    x = tf.constant([0.5, -1.0, 2.0])
    expected = 2 * x + tf.cos(x) + tf.exp(x) + 5
    settings = recipe.with_options(deterministic=True).training
    with numerics(settings):
        with numerics(settings):
            pass
        assert options()["arithmetic_optimization"] is False
        inside = tf.function(gradients_of)
        assert sums(inside) == [2, 2, 2]
        np.testing.assert_allclose(inside(x), expected, rtol=1e-6)
    assert options()["arithmetic_optimization"] is before
    assert sums(tf.function(gradients_of)) == [4]


@pytest.mark.slow
def test_a_step_gives_the_same_bits_each_time(recipe):
    # At this size, with all gradients in one sum, every other step differed.
    settings = recipe.with_options(deterministic=True).training
    with numerics(settings):
        network = backbone(
            "efficientnet_lite0", 96, output_stride=32, weights=None
        )
        model = keras.Sequential(
            [
                network,
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(17),
            ]
        )
        random = np.random.default_rng(0)
        images = random.integers(256, size=(32, 96, 96, 3)).astype("float32")
        labels = random.integers(17, size=32)
        dataset = tf.data.Dataset.from_tensors((images, labels)).repeat(12)
        # Of no rate, so that each step is the first; it keeps the gradient.
        optimizer = keras.optimizers.Adam(0.0, beta_1=0.0)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer, loss)
        gradients = []
        keep = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: gradients.append(
                {
                    variable.path: variable.numpy()
                    for variable in optimizer.variables
                    if variable.path.endswith("momentum")
                }
            )
        )
        model.fit(dataset, shuffle=False, verbose=0, callbacks=[keep])
    first, *others = gradients
    assert len(first) == len(model.trainable_variables)
    assert all(np.any(gradient) for gradient in first.values())
    for other in others:
        for path, gradient in first.items():
            np.testing.assert_array_equal(other[path], gradient, err_msg=path)
