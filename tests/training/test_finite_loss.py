"""A training whose loss is no number ends, and says what to do."""

import keras
import numpy as np
import pytest

from kerasfg.training import train
from kerasfg.training.finite_loss import FiniteLoss
from kerasfg.training.finite_loss import LossNotFinite
from kerasfg.training.finite_loss import check_finite

ENDS = r"not finite in epoch {}.*lower the learning rate"


class Poison(keras.callbacks.Callback):
    """Makes the weights no numbers before an epoch, and counts the ends."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.ended = epoch, 0

    def on_epoch_begin(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            weights = self.model.get_weights()
            self.model.set_weights([weights[0] * np.nan, *weights[1:]])

    def on_train_batch_end(self, batch, logs=None):
        self.ended += 1


def fit(epoch, optimizer="sgd", policy="float32", **options):
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, dtype=policy)]
    )
    model.compile(optimizer, "mse", **options)
    poison = Poison(epoch)
    x, y = np.ones((40, 3), "float32"), np.ones((40, 2), "float32")
    callbacks = [FiniteLoss(), poison]
    model.fit(x, y, 4, epochs=3, verbose=0, callbacks=callbacks)
    return poison


@pytest.mark.parametrize("executions", [1, 5, 10])
def test_ends_in_the_epoch_whatever_is_run_at_once(executions):
    with pytest.raises(LossNotFinite, match=ENDS.format(2)) as caught:
        fit(2, steps_per_execution=executions)
    assert caught.value.epoch == 2


def test_a_finite_loss_ends_nothing():
    assert fit(0).ended == 30


def test_a_step_left_out_by_loss_scaling_is_no_end():
    # 2**127 overflows in the gradients of float16, never in the loss.
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.01), initial_scale=2.0**40
    )
    fit(0, optimizer, "mixed_float16")
    assert float(optimizer.dynamic_scale) < 2.0**40  # steps were left out


def test_weights_are_checked_before_they_are_saved():
    check_finite([np.ones(2), np.array([1])], 3)
    with pytest.raises(LossNotFinite, match="weights is not finite in epoch 3"):
        check_finite([np.ones(2), np.array([np.inf])], 3)


@pytest.mark.slow
@pytest.mark.usefixtures("small_network")
def test_a_dead_training_resumes_with_a_lower_rate(recipe, tmp_path):
    recipe = recipe.with_options(
        head_epochs=0, epochs=3, optimizer="sgd", learning_rate=1e30
    )
    run = tmp_path / "run"
    with pytest.raises(LossNotFinite):
        train(recipe, run, verbose=False)
    left = {file.name for file in run.iterdir()}
    assert not left & {"report.json", "model.keras", "kerasfg.json"}
    with pytest.raises(ValueError, match=r"lower learning_rate \(now 1e\+30\)"):
        train(None, run, resume=True, verbose=False)
    lower = recipe.with_options(learning_rate=0.01)
    (run / "recipe.toml").write_text(lower.to_toml())
    with pytest.warns(UserWarning, match=r"learning_rate .* goes on with 0.01"):
        report = train(None, run, resume=True, verbose=False)
    assert report["test"]["n"]
