import keras
import numpy as np
import pytest

from kerasfg.models import FineGrainedClassifier
from kerasfg.training.seeds import EpochSeeds


@pytest.fixture
def draw(tiny_backbone):
    """A function of (seed, epoch) that gives three draws of dropout."""

    def draw(seed, epoch, steps_before=0):
        model = FineGrainedClassifier(tiny_backbone(), 3, dropout=0.5)
        dropout = model.network.get_layer("dropout")
        ones = keras.ops.ones((1, 64))
        callback = EpochSeeds(seed)
        callback.set_model(model)
        for _ in range(steps_before):
            dropout(ones, training=True)
        callback.on_epoch_begin(epoch)
        return [np.asarray(dropout(ones, training=True)) for _ in range(3)]

    return draw


def test_dropout_is_a_function_of_seed_epoch_and_step(draw):
    first = draw(seed=3, epoch=5)
    np.testing.assert_array_equal(first, draw(3, 5, steps_before=7))
    assert not np.array_equal(first, draw(3, 6))
    assert not np.array_equal(first, draw(4, 5))


def test_steps_of_an_epoch_differ(draw):
    first, second, _ = draw(seed=0, epoch=0)
    assert not np.array_equal(first, second)
