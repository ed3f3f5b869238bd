"""Measures how long the training step waits for pictures."""

import time

import keras


class InputWait(keras.callbacks.Callback):
    """Logs the share of each epoch's time that was spent waiting for input.

    Adds `input_wait`, between 0 and 1, and `seconds` to the logs of the epoch.
    A step waits if its batch is not ready when it begins. The first step after
    a start does not count, since it compiles the model.

    Args:
        batches: The `TrainingBatches` of the training.
        at_once: Batches that a step, as `fit` counts them, waits for. Defaults
            to `1`.
    """

    def __init__(self, batches, at_once=1):
        super().__init__()
        self.batches = batches
        self.at_once = at_once
        self.begun = []

    def on_train_begin(self, logs=None):
        self.begun.clear()

    def on_epoch_begin(self, epoch, logs=None):
        self.first_step = len(self.begun)
        self.started = time.perf_counter()

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append(time.perf_counter())

    def on_train_batch_end(self, batch, logs=None):
        self.ended = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        first = max(self.first_step, 1)
        ready = self.batches.ready_at[self.at_once - 1 :: self.at_once]
        begun, ready = self.begun[first:], ready[first:]
        waited = sum(
            max(0.0, r - b) for b, r in zip(begun, ready, strict=False)
        )
        began = begun[0] if begun else self.started
        logs["input_wait"] = waited / (self.ended - began)
        logs["seconds"] = time.perf_counter() - self.started
