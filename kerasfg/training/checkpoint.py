"""All that a training needs to go on after it was interrupted."""

import io
import json
from pathlib import Path

import keras
import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.distributed.processes import SINGLE_PROCESS


class Checkpoint(keras.callbacks.Callback):
    """Saves the state of the training after each epoch, in one file.

    `keras.callbacks.BackupAndRestore` keeps neither the history nor the best
    weights, and a kill while it writes loses what it had. Here one `.npz` file
    holds the weights, the optimizer's variables, the history and, where they
    are asked for, the weights of the best epoch; it is written beside and
    renamed, so that there is always a whole one.

    Args:
        filepath: Where the `.npz` file lies.
        stage: Name of the stage of the training, kept in the history.
        patience: Epochs without a better `monitor` after which the stage
            ends; its best weights, as they were when they were evaluated, are
            then kept too. 0 for never. Defaults to `0`.
        monitor: Key of the logs, larger is better. Defaults to
            `"val_accuracy"`.
        processes: Those that share the training, `Processes`: the leading one
            writes, and on restoring the others are told by it, so that they
            need not see its file. Defaults to `SINGLE_PROCESS`.
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
        """Returns whether the stage has gone too long without a better one."""
        scores = self.scores()
        if not self.patience or not scores:
            return False
        since_best = len(scores) - 1 - scores.index(max(scores))
        return since_best >= self.patience

    def restore(self, model):
        """Brings a compiled model to where the training was.

        Args:
            model: The model, built and compiled for the stage. Its optimizer
                is restored only if the last epoch belongs to this stage.

        Raises:
            ValueError: If the file belongs to another model.
        """
        saved = b""
        if self.processes.is_leader and self.filepath.exists():
            saved = self.filepath.read_bytes()
        saved = self.processes.share(saved)
        if not saved:
            return
        with np.load(io.BytesIO(saved), allow_pickle=False) as file:
            arrays = dict(file)
        self.history = json.loads(str(arrays.pop("history")))
        groups = {"weights": [], "optimizer": [], "best": []}
        for name, array in arrays.items():  # in the order of saving
            groups[name.split("_")[0]].append(array)
        _assign(model.weights, groups["weights"], self.filepath)
        if self.history[-1]["stage"] == self.stage:
            model.optimizer.build(model.trainable_variables)
            variables = model.optimizer.variables
            _assign(variables, groups["optimizer"], self.filepath)
            self.best = groups["best"]

    def on_test_end(self, logs=None):
        # With an average of the weights this is when the average is in use.
        if self.patience:
            self.evaluated = self.model.get_weights()

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch + 1, "stage": self.stage}
        row |= {key: float(value) for key, value in logs.items()}
        if self.patience:
            if row[self.monitor] > max(self.scores(), default=-np.inf):
                self.best = self.evaluated
        self.history.append(row)
        self.save()
        if self.out_of_patience():
            self.model.stop_training = True

    def save(self):
        """Writes the file, in the leading process."""
        if not self.processes.is_leader:
            return
        arrays = {"history": np.array(json.dumps(self.history))}
        groups = {
            "weights": self.model.get_weights(),
            "optimizer": [
                keras.ops.convert_to_numpy(v)
                for v in self.model.optimizer.variables
            ],
            "best": self.best,
        }
        for group, values in groups.items():
            arrays |= {f"{group}_{i}": v for i, v in enumerate(values)}
        with replacing(self.filepath) as temporary_path:
            np.savez(temporary_path, **arrays)


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
