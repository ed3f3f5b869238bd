import keras
import numpy as np
import pytest

from kerasfg.training.checkpoint import Checkpoint


def compiled(units=3, seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    return model


def fit(model, checkpoint, scores):
    """Fits an epoch for each score, which stands for validation accuracy."""
    x, y = np.ones((4, 4)), np.zeros((4, model.output_shape[-1]))
    checkpoint.set_model(model)
    weights = []
    for score in scores:
        model.fit(x, y, verbose=0)
        checkpoint.on_test_end()
        weights.append(model.get_weights())
        checkpoint.on_epoch_end(
            len(checkpoint.history), {"val_accuracy": score}
        )
    return weights


def test_restores_weights_optimizer_and_history(tmp_path):
    file = tmp_path / "checkpoint.npz"
    model, checkpoint = compiled(), Checkpoint(file, "all")
    fit(model, checkpoint, [0.1, 0.2])
    other, again = compiled(seed=1), Checkpoint(file, "all")
    again.restore(other)
    assert again.history == checkpoint.history
    for mine, theirs in zip(
        model.weights + model.optimizer.variables,
        other.weights + other.optimizer.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_another_stage_starts_with_an_optimizer_of_its_own(tmp_path):
    file = tmp_path / "checkpoint.npz"
    model = compiled()
    fit(model, Checkpoint(file, "head"), [0.1])
    other, again = compiled(seed=1), Checkpoint(file, "all")
    again.restore(other)
    assert [row["stage"] for row in again.history] == ["head"]
    assert again.scores() == []
    assert int(other.optimizer.iterations) == 0


def test_keeps_the_best_weights_and_runs_out_of_patience(tmp_path):
    file = tmp_path / "checkpoint.npz"
    checkpoint = Checkpoint(file, "all", patience=2)
    weights = fit(compiled(), checkpoint, [0.3, 0.5, 0.5])
    assert not checkpoint.out_of_patience()
    fit(checkpoint.model, checkpoint, [0.4])
    assert checkpoint.out_of_patience()
    assert checkpoint.model.stop_training
    restored = Checkpoint(file, "all", patience=2)
    restored.restore(compiled())
    assert restored.out_of_patience()
    for mine, theirs in zip(restored.best, weights[1], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_an_interrupted_save_leaves_the_last_one(tmp_path, monkeypatch):
    file = tmp_path / "checkpoint.npz"
    checkpoint = Checkpoint(file, "all")
    fit(compiled(), checkpoint, [0.1])
    before = file.read_bytes()

    def fail(*args, **kwargs):
        args[0].write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save()
    assert file.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_refuses_the_checkpoint_of_another_model(tmp_path):
    file = tmp_path / "checkpoint.npz"
    fit(compiled(units=3), Checkpoint(file, "all"), [0.1])
    with pytest.raises(ValueError, match=r"another model.*Received: filepath="):
        Checkpoint(file, "all").restore(compiled(units=5))
