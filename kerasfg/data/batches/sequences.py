"""Batches as `keras.utils.PyDataset`, which every backend of Keras takes."""

import keras
import numpy as np


class TrainingSequence(keras.utils.PyDataset):
    """Shuffled and augmented batches; `fit` asks for another epoch each time.

    A batch is a function of (seed, epoch, index). `fit` takes the batches of
    an epoch in an order that it draws itself, by Python's `random`; with
    `shuffle=False` it leaves them in theirs, which is random already.

    Args:
        batches: A `kerasfg.data.batches.pipeline.TrainingBatches`.

    Attributes:
        epoch: Index of the epoch whose batches come next, counted up when all
            of them were taken. Set it to begin anew, or to go on with a
            training that was interrupted. Initially `0`.
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


class EvaluationSequence(keras.utils.PyDataset):
    """Batches of pictures as they are, in order, every picture once.

    Args:
        images: uint8 array `(pictures, height, width, 3)`; it may be
            memory-mapped.
        labels: Integer array `(pictures,)`.
        rows: Indices of the pictures to take, in their order.
        batch_size: Pictures in a batch; the last one may be smaller.

    Attributes:
        labels: int32 array, the labels of the pictures that are taken: what
            the rows of `model.predict` belong to.
    """

    def __init__(self, images, labels, rows, batch_size):
        super().__init__()
        self.images = images
        self.rows = np.asarray(rows)
        self.labels = np.asarray(labels, "int32")[self.rows]
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index):
        start = _checked(index, len(self)) * self.batch_size
        own = slice(start, start + self.batch_size)
        images = np.asarray(self.images[self.rows[own]], "float32")
        return images, self.labels[own]


def _checked(index, count):
    """An index from the end counted from the beginning, as in a list."""
    if not -count <= index < count:
        raise IndexError(
            f"There are {count} batches in an epoch. Received: index={index}"
        )
    return index % count
