"""Batches as `keras.utils.PyDataset`, which every backend of Keras takes."""

import keras
import numpy as np

from kerasfg.data.batches.feeding import stamped


class TrainingSequence(keras.utils.PyDataset):
    """Shuffled and augmented batches; `fit` asks for another epoch each time.

    A batch is a function of (seed, epoch, index). `fit` takes the batches of
    an epoch in an order that it draws itself, by Python's `random`; with
    `shuffle=False` it leaves them in theirs, which is random already.

    Args:
        batches: A `kerasfg.data.batches.pipeline.TrainingBatches`.

    Attributes:
        epoch: Index of the epoch whose batches come next, counted up when all
            of them were taken. Set it to start again, or to resume an
            interrupted training. Initially `0`.
    """

    def __init__(self, batches):
        super().__init__()
        self.batches = batches
        self.epoch = 0
        self._taken = None  # batches of the epoch that has begun

    def __len__(self):
        return self.batches.steps_per_epoch

    def __getitem__(self, index):
        index = _checked(index, len(self))
        if self._taken is not None:
            self._taken.add(index)
        return self.batches.batch(self.epoch, index)

    def on_epoch_begin(self):
        self._taken = set()

    def on_epoch_end(self):
        # Keras calls this before the first epoch too, and where it only took
        # a batch to learn its shape.
        if self._taken is not None and len(self._taken) == len(self):
            self.epoch += 1
        self._taken = None


class EpochSequence(keras.utils.PyDataset):
    """The batches of some epochs, which a thread makes ahead.

    `fit` must leave them in their order: `shuffle=False`.

    Args:
        batches: A `kerasfg.data.batches.pipeline.TrainingBatches`.
        first_epoch: Index of the first epoch.
        last_epoch: Index of the last epoch plus one.
    """

    def __init__(self, batches, first_epoch, last_epoch):
        super().__init__()
        self.batches = batches
        self.first_epoch = first_epoch
        self.last_epoch = last_epoch
        self.restart()

    def __len__(self):
        return self.batches.steps_per_epoch

    def __iter__(self):
        return stamped(self.batches, self.first_epoch, self.last_epoch)

    def __getitem__(self, index):
        if index != self._taken % len(self):
            self.restart(self._make)
        epoch = self.first_epoch + self._taken // len(self)
        self._taken += 1
        if self._make is not None:
            return self._make(epoch, index)
        return next(self._stream)

    def restart(self, make=None):
        """Begins with the first epoch again.

        Keras takes a batch to learn its shape before it begins.

        Args:
            make: A function of the indices of epoch and batch that makes the
                items for `fit` instead of the batches. Defaults to `None`.
        """
        self.batches.ready_at.clear()
        self._make = make
        self._stream = iter(self)
        self._taken = 0


class EvaluationSequence(keras.utils.PyDataset):
    """Batches of pictures as they are, in order, every picture once.

    Args:
        images: uint8 array `(pictures, height, width, 3)`; it may be
            memory-mapped.
        labels: Integer array `(pictures,)`, or `None`: the batches are only
            images.
        rows: Indices of the pictures to take, in their order, or `None`: all.
        batch_size: Pictures in a batch; the last one may be smaller.

    Attributes:
        labels: int32 array, the labels of the pictures that are taken: what
            the rows of `model.predict` belong to.
    """

    def __init__(self, images, labels, rows, batch_size):
        super().__init__()
        self.images = images
        self.rows = np.arange(len(images)) if rows is None else np.asarray(rows)
        self.labels = (
            None if labels is None else np.asarray(labels, "int32")[self.rows]
        )
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index):
        start = _checked(index, len(self)) * self.batch_size
        own = slice(start, start + self.batch_size)
        images = np.asarray(self.images[self.rows[own]], "float32")
        return images if self.labels is None else (images, self.labels[own])


class EvenSequence(keras.utils.PyDataset):
    """One process's part of the batches of `even_batches`.

    Args:
        images: uint8 array `(pictures, height, width, 3)`.
        labels: Integer array `(pictures,)`.
        rows: Indices of the pictures to take, in their order.
        weights: float32 weights of the rows.
        batch_size: Pictures in a batch of all processes.
        part: `(index, count)`, see `even_batches`.
    """

    def __init__(self, images, labels, rows, weights, batch_size, part):
        super().__init__()
        self.images = images
        self.labels = labels
        self.rows = rows
        self.weights = weights
        self.batch_size = batch_size
        self.part = part

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index):
        start = _checked(index, len(self)) * self.batch_size
        batch = np.arange(start, min(start + self.batch_size, len(self.rows)))
        index, count = self.part
        own = batch.reshape(count, -1)[index]
        return (
            np.asarray(self.images[self.rows[own]], "float32"),
            np.asarray(self.labels[self.rows[own]], "int32"),
            self.weights[own],
        )


def _checked(index, count):
    """An index from the end counted from the beginning, as in a list."""
    if not -count <= index < count:
        raise IndexError(
            f"There are {count} batches in an epoch. Received: index={index}"
        )
    return index % count
