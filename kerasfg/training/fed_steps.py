"""Hands batches to the training step of TensorFlow without `tf.data`."""

import keras

from kerasfg.data.batches.feeding import stamped


class FedSteps(keras.callbacks.Callback):
    """Lets the training step take batches from the thread that makes them.

    On its way through a `tf.data.Dataset.from_generator` a batch waits for
    Python twice, which is several percent of a short step. Keras's step takes
    any iterator, as in `train_on_batch`. `fit` is given `stand_in()`, which
    tells it what a batch is.

    Args:
        batches: A `TrainingBatches`.
        first_epoch: Index of the first epoch.
        last_epoch: Index of the last epoch plus one.
    """

    def __init__(self, batches, first_epoch, last_epoch):
        super().__init__()
        self.batches = batches
        self.epochs = first_epoch, last_epoch

    def stand_in(self):
        """Returns the first batch over and over, a `tf.data.Dataset`."""
        import tensorflow as tf  # loaded already, as Keras's backend

        batch = self.batches.batch(self.epochs[0], 0)
        return tf.data.Dataset.from_tensors(batch).repeat()

    def on_train_begin(self, logs=None):
        self.batches.ready_at.clear()
        self.stream = stamped(self.batches, *self.epochs)
        self.step = self.model.train_function
        self.model.train_function = lambda _: self.step(self.stream)

    def on_train_end(self, logs=None):
        self.stream.close()
        self.model.train_function = self.step


def can_be_fed():
    """Returns whether a step of TensorFlow can take its batches itself.

    It cannot where a strategy divides them among devices.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf  # loaded already, as Keras's backend

    return not tf.distribute.has_strategy()
