"""`numerics`: what it sets, and that it puts it back."""

import keras
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import is_op_determinism_enabled

from kerasfg.training.fit import numerics


def test_numerics_hold_inside_and_are_put_back(recipe):
    settings = recipe.with_options(deterministic=True, mixed_precision=True)
    policy = keras.config.dtype_policy()
    assert not is_op_determinism_enabled()
    with pytest.raises(KeyError), numerics(settings.training):
        assert is_op_determinism_enabled()
        assert keras.config.dtype_policy().name == "mixed_float16"
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
