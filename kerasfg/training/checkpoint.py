"""Saves the state of a training, so that it can be resumed."""

import contextlib
from pathlib import Path

import keras
import numpy as np

from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.training.checkpoint_files import parse_checkpoint
from kerasfg.training.checkpoint_files import read_checkpoint
from kerasfg.training.checkpoint_files import write_checkpoint
from kerasfg.training.finite_loss import check_finite


class Checkpoint(keras.callbacks.Callback):
    """Saves the state of the training after each epoch, in one file.

    `keras.callbacks.BackupAndRestore` saves neither the history nor the best
    weights, and loses its state if it is killed while writing. This callback
    saves the weights, the optimizer's variables, the history and, with
    `patience`, the weights of the best epoch in one `.npz` file. The file of
    the epoch before is kept beside it; see
    `kerasfg.training.checkpoint_files`.

    Args:
        filepath: Path of the `.npz` file.
        stage: Name of the stage of the training, saved in the history.
        patience: Number of epochs without a better `monitor` after which the
            stage ends. Above 0, the best weights are saved, too, as they were
            in the evaluation. Defaults to `0`: never end early.
        monitor: Key of the logs, larger is better. Defaults to
            `"val_accuracy"`.
        processes: `Processes` that share the training. The leader process
            reads and writes the file and sends its content to the others,
            which need no access to it. Defaults to `SINGLE_PROCESS`.
    """

    def __init__(
        self,
        filepath,
        stage,
        patience=0,
        monitor="val_accuracy",
        processes=SINGLE_PROCESS,
    ):
        super().__init__()
        self.filepath = Path(filepath)
        self.stage = stage
        self.patience = patience
        self.monitor = monitor
        self.processes = processes
        self.history = []
        self.best = []
        self.evaluated = []

    def scores(self):
        """Returns `monitor` after each epoch of this stage."""
        return [
            row[self.monitor]
            for row in self.history
            if row["stage"] == self.stage
        ]

    def out_of_patience(self):
        """Returns whether `monitor` has not improved for `patience` epochs."""
        scores = self.scores()
        if not self.patience or not scores:
            return False
        since_best = len(scores) - 1 - scores.index(max(scores))
        return since_best >= self.patience

    def restore(self, model):
        """Restores the saved state of a compiled model.

        Args:
            model: The model, built and compiled for the stage. Its optimizer
                is restored only if the last epoch belongs to this stage.

        Raises:
            ValueError: If the file belongs to another model, or it and the
                one before are broken.
        """
        saved = b""
        if self.processes.is_leader:
            saved = read_checkpoint(self.filepath)
        saved = self.processes.share(saved)
        if not saved:
            return
        self.history, groups = parse_checkpoint(saved)
        _assign(model.weights, groups["weights"], self.filepath)
        if self.history[-1]["stage"] == self.stage:
            rate = model.optimizer.learning_rate
            rate = keras.ops.convert_to_numpy(rate)
            model.optimizer.build(model.trainable_variables)
            variables = model.optimizer.variables
            _assign(variables, groups["optimizer"], self.filepath)
            self.best = groups["best"]
            _keep_rate(model.optimizer, rate)

    def on_test_end(self, logs=None):
        # With an average of the weights, the model has the average only now.
        if self.patience:
            self.evaluated = self.model.get_weights()

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch + 1, "stage": self.stage}
        row |= {key: float(value) for key, value in logs.items()}
        if self.patience:
            if row[self.monitor] > max(self.scores(), default=-np.inf):
                self.best = self.evaluated
        check_finite(self.model.get_weights(), epoch + 1)
        self.history.append(row)
        self.save()
        if self.out_of_patience():
            self.model.stop_training = True

    def save(self):
        """Writes the file in the leader process."""
        if not self.processes.is_leader:
            return
        groups = {
            "weights": self.model.get_weights(),
            "optimizer": [
                keras.ops.convert_to_numpy(v)
                for v in self.model.optimizer.variables
            ],
            "best": self.best,
        }
        write_checkpoint(self.filepath, self.history, groups)


def _keep_rate(optimizer, rate):
    """Sets a constant learning rate to that of the recipe as it is now."""
    with contextlib.suppress(TypeError):  # a schedule computes it
        optimizer.learning_rate = rate


def _assign(variables, arrays, filepath):
    expected = [tuple(v.shape) for v in variables]
    found = [array.shape for array in arrays]
    if expected != found:
        raise ValueError(
            "The checkpoint belongs to another model or optimizer: the shapes "
            f"of its arrays differ. Received: filepath={filepath}"
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
