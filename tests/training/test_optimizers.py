import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.training.optimizers import learning_rate
from kerasfg.training.optimizers import optimizer


def rates(steps_per_epoch=10, **options):
    section = Recipe().with_options(**options).training
    rate = learning_rate(section, steps_per_epoch)
    steps = range(section.epochs * steps_per_epoch)
    if isinstance(rate, float):
        return np.array([rate for _ in steps])
    return np.array([float(rate(step)) for step in steps])


def test_cosine_rises_and_falls_to_zero():
    found = rates(epochs=5, learning_rate=0.2, warmup_epochs=1)
    expected = []
    for step in range(50):
        if step < 10:
            expected.append(0.2 * step / 10)
        else:
            expected.append(0.1 * (1 + np.cos(np.pi * (step - 10) / 40)))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_step_divides_by_ten_every_so_many_epochs():
    found = rates(
        schedule="step",
        epochs=6,
        step_epochs=2,
        warmup_epochs=0,
        learning_rate=0.1,
    )
    # Keras changes the rate after the boundary, not at it
    np.testing.assert_allclose(
        found[[0, 20, 21, 40, 41, 59]],
        [0.1, 0.1, 0.01, 0.01, 0.001, 0.001],
        rtol=1e-5,
    )


@pytest.mark.parametrize("epochs", [1, 2, 6])
def test_a_rate_that_warms_up_before_its_first_step_has_one_peak(epochs):
    found = rates(
        schedule="step",
        epochs=epochs,
        step_epochs=2,
        warmup_epochs=2,
        learning_rate=0.1,
    )
    changes = np.diff(found)
    assert (changes[:20] >= 0).all() and (changes[20:] <= 0).all()
    assert found.max() < 0.1 + 1e-6


def test_a_warm_up_that_outlasts_the_first_step_is_refused():
    options = {"step_epochs": 2, "warmup_epochs": 2.5}
    message = r"at most `step_epochs`.*warmup_epochs=2\.5, step_epochs=2"
    with pytest.raises(ValueError, match=message):
        Recipe().with_options(schedule="step", **options)
    for schedule in ("cosine", "constant"):
        section = Recipe().with_options(schedule=schedule, **options).training
        assert section.warmup_epochs == 2.5


def test_constant_rate_warms_up_in_stairs():
    found = rates(schedule="constant", epochs=2, learning_rate=0.1)
    assert 0 < found[0] < 0.02
    assert (np.diff(found) >= 0).all()
    np.testing.assert_allclose(found[11:], 0.1, rtol=1e-6)
    found = rates(schedule="constant", warmup_epochs=0, learning_rate=0.1)
    np.testing.assert_allclose(found, 0.1)


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_optimizer_has_the_options_of_the_recipe(name):
    section = (
        Recipe()
        .with_options(optimizer=name, ema=0.9, weight_decay=0.05)
        .training
    )
    made = optimizer(section, steps_per_epoch=10)
    assert made.use_ema and made.ema_momentum == 0.9
    if name == "sgd":
        assert isinstance(made, keras.optimizers.SGD)
        assert made.momentum == 0.9
        assert made.weight_decay is None  # coupled, in the model's loss
    else:
        assert isinstance(made, keras.optimizers.AdamW)
        assert made.weight_decay == 0.05
