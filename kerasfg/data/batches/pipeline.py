"""Reproducible batches for `model.fit`, shuffled and augmented."""

import dataclasses

import keras
import numpy as np

from kerasfg.data.batches.balanced import balanced_order
from kerasfg.data.batches.balanced import classes_per_batch
from kerasfg.data.batches.compiled import compiled
from kerasfg.data.batches.crop_and_shrink import cut
from kerasfg.data.batches.crop_and_shrink import shrink_batch
from kerasfg.data.batches.feeding import tensorflow_dataset
from kerasfg.data.batches.sequences import EpochSequence
from kerasfg.data.batches.sequences import EvaluationSequence
from kerasfg.data.batches.view_order import ViewOrder


@dataclasses.dataclass(frozen=True)
class Drawn:
    """The random values drawn for (this part of) a batch.

    Attributes:
        rows: Indices of its pictures, `(batch,)`, among the labels.
        places: Where they are among the images, `(batch,)`: `rows`, or a view
            of each.
        augmentation: What `Augmentation.draw` returned for them, or `None`.
        corners: Top and left of the square to cut out of each, `(batch, 2)`,
            or `None`.
        resolutions: Side to shrink each to, `(batch,)`, or `None`.
        seed: Seed of the whole batch, integers `(2,)`.
    """

    rows: np.ndarray
    places: np.ndarray
    augmentation: np.ndarray | None
    corners: np.ndarray | None
    resolutions: np.ndarray | None
    seed: np.ndarray


class TrainingBatches:
    """Shuffled and augmented batches of low-resolution pictures.

    Order and augmentation depend only on seed, epoch and step, so that a
    training resumed at an epoch gets the same batches as an uninterrupted one.
    Every epoch has a new order and leaves out its last
    `pictures % batch_size` pictures. If there are fewer pictures than
    `batch_size`, an epoch is one small batch. An epoch of balanced batches has
    the same number of steps and only full batches; `balanced_order` documents
    how often it contains each picture.

    Args:
        images: uint8 array `(pictures, height, width, 3)`. If it is
            memory-mapped, only the pixels of a batch are read at a time.
        labels: int32 array `(pictures,)`.
        batch_size: Pictures in a batch.
        seed: Non-negative int.
        augmentation: An `Augmentation`, another function of (float32 images
            0 to 255, seed of shape `(2,)`) that returns augmented images, or
            `None`. It is compiled. For a part of a batch it is also given the
            size of the whole batch and the index of its first picture.
        rows: Indices of the pictures to use. Defaults to `None`: all.
        images_per_class: Pictures of each class in a balanced batch, for
            losses over pairs. Defaults to `0`: the batches are not balanced.
        part: `(index, count)`: selects one of `count` equal parts of each
            batch, for training in several processes. Order and augmentation
            do not depend on it. Defaults to `(0, 1)`: the whole batch.
        crop_size: Side in pixels of the square that is cut out of each
            picture, at a random position in each step. Defaults to `None`:
            whole pictures.
        image_size: Side in pixels to which augmented pictures are shrunk.
            Defaults to `None`: they are not shrunk.
        resolutions: Sides in pixels. In each step each picture is shrunk to a
            random one of them and enlarged again. A side of `image_size` or
            more leaves the picture unchanged. Defaults to `()`.
        teacher: A function from an augmented batch before shrinking, float32
            `(batch, side, side, 3)`, to the teacher's logits, float32
            `(batch, classes)`. Defaults to `None`.
        views: `kerasfg.data.views.stored.Views` of the pictures of `rows`, in
            their order, whose `images` are the images. In each epoch another
            view of a picture is taken. Defaults to `None`.

    Raises:
        ValueError: If there are no pictures, if the numbers of pictures and
            labels differ, if balanced batches are impossible (see
            `classes_per_batch`), if a batch cannot be divided into equal
            parts, or if a size is larger than the pictures.

    Example:

    >>> images = np.zeros((10, 8, 8, 3), "uint8")
    >>> batches = TrainingBatches(images, np.zeros(10, "int32"), 4, seed=0)
    >>> batches.steps_per_epoch
    2
    """

    def __init__(
        self,
        images,
        labels,
        batch_size,
        seed,
        augmentation=None,
        rows=None,
        images_per_class=0,
        part=(0, 1),
        crop_size=None,
        image_size=None,
        resolutions=(),
        teacher=None,
        views=None,
    ):
        self.rows = np.arange(len(labels)) if rows is None else rows
        _check_count(images, labels, self.rows, views)
        self.images = images
        self.labels = np.asarray(labels, "int32")
        self.batch_size = batch_size
        self.seed = seed
        self.augmentation = augmentation
        self.draws = hasattr(augmentation, "draw")
        self._augment = augmentation and compiled(
            augmentation.apply if self.draws else augmentation
        )
        self.images_per_class = images_per_class
        if images_per_class:
            labels = self.labels[self.rows]
            classes_per_batch(labels, batch_size, images_per_class)
        else:
            self.batch_size = min(batch_size, len(self.rows))
        index, count = part
        if self.batch_size % count:
            raise ValueError(
                "The parts of a batch must have the same size. Take a "
                f"`batch_size` that is a multiple of {count}. "
                f"Received: batch_size={self.batch_size}, part={part}"
            )
        self.part_size = self.batch_size // count
        self.first = index * self.part_size
        self.crop_size = crop_size
        self.image_size = image_size
        self.resolutions = resolutions
        self.teacher = teacher
        self.views = views and ViewOrder(self.rows, views.count, seed)
        self.logits = views and views.logits
        self.shape = self._checked_shape()
        self.steps_per_epoch = max(1, len(self.rows) // self.batch_size)
        self.ready_at = []  # when each batch was ready, for InputWait
        self._planned = None  # the epoch whose order was drawn last

    def _checked_shape(self):
        """Checks the sizes and returns the shape of a picture in a batch."""
        shape = self.images.shape[1:]
        for name in ("crop_size", "image_size"):
            size = getattr(self, name)
            if size and size > min(shape[:2]):
                raise ValueError(
                    f"Argument `{name}` must be at most the side of the "
                    "pictures or of their crops. "
                    f"Received: {name}={size}, pictures of {shape}"
                )
            shape = (size, size, 3) if size else shape
        return shape

    def dataset(self, first_epoch, last_epoch):
        """Returns the batches of some epochs, one after the other.

        A thread makes the next ones while a batch is used.

        Args:
            first_epoch: Index of the first epoch.
            last_epoch: Index of the last epoch plus one.

        Returns:
            What `Model.fit` takes, with `steps_per_epoch`: on TensorFlow a
            `tf.data.Dataset`, whose batches have a known size, on other
            backends an `EpochSequence`. A batch is a pair of float32 images,
            0 to 255, and int32 labels. With a teacher, or its answers to the
            views, the second element is a dictionary of `"label"` and
            `"teacher_logits"`.
        """
        if keras.backend.backend() == "tensorflow":
            return tensorflow_dataset(self, first_epoch, last_epoch)
        return EpochSequence(self, first_epoch, last_epoch)

    def batch(self, epoch, step):
        """Returns one batch as arrays.

        Args:
            epoch: Index of the epoch.
            step: Index of the batch in the epoch.

        Returns:
            The float32 images, 0 to 255, and the targets, as in `dataset`.
        """
        drawn = self.drawn(epoch, step)
        images = cut(self.images, drawn.places, drawn.corners, self.crop_size)
        images = self._augmented(images, drawn)
        targets = self._targets(drawn, images)
        if self.image_size or self.resolutions:
            images = shrink_batch(images, self.shape[0], drawn.resolutions)
        return images, targets

    def drawn(self, epoch, step):
        """Returns the random values of one batch, a `Drawn`.

        Args:
            epoch: Index of the epoch.
            step: Index of the batch in the epoch.
        """
        order, places, seeds = self._plan(epoch)
        own = slice(self.first, self.first + self.part_size)
        augmentation = None
        if self.draws:
            size = self.crop_size
            height, width = (size, size) if size else self.images.shape[1:3]
            augmentation = self.augmentation.draw(
                seeds[step], self.batch_size, height, width
            )[own]
        # Ascending order reads a memory-mapped file front to back.
        ascending = np.argsort(places[step], kind="stable")[own]
        rows, places = order[step][ascending], places[step][ascending]
        corners, resolutions = self._draw(seeds[step], own)
        return Drawn(
            rows, places, augmentation, corners, resolutions, seeds[step]
        )

    def _augmented(self, images, drawn):
        if self.draws:
            return np.asarray(self._augment(images, drawn.augmentation))
        images = images.astype("float32")
        if self._augment is None:
            return images
        seed = drawn.seed.astype("int32")
        return np.asarray(self._augment(images, seed, *self._place()))

    def _plan(self, epoch):
        """Returns rows and places `(steps, batch_size)`, seeds `(steps, 2)`."""
        planned = self._planned  # another thread may be an epoch ahead
        if planned is None or planned[0] != epoch:
            random = np.random.default_rng([self.seed, epoch])
            order = self._order(random)
            seeds = random.integers(2**31, size=(self.steps_per_epoch, 2))
            places = self.views.places(order, epoch) if self.views else order
            planned = self._planned = epoch, order, places, seeds
        return planned[1:]

    @property
    def all_places(self):
        """The indices of the images that batches may hold."""
        return np.arange(len(self.images)) if self.views else self.rows

    @property
    def is_taught(self):
        """Whether the targets have the logits of a teacher."""
        return self.teacher is not None or self.logits is not None

    def _targets(self, drawn, images):
        labels = self.labels[drawn.rows]
        if not self.is_taught:
            return labels
        logits = self.stored_logits(drawn)
        if logits is None:
            logits = np.asarray(self.teacher(images), "float32")
        return {"label": labels, "teacher_logits": logits}

    def stored_logits(self, drawn):
        """Returns the teacher's logits for the views of a batch, or `None`.

        Args:
            drawn: `Drawn`.
        """
        if self.logits is None:
            return None
        return self.logits[drawn.places].astype("float32")

    def _draw(self, seed, own):
        """Draws corners and resolutions of the batch; returns our part."""
        random = np.random.default_rng(seed)
        corners = resolutions = None
        if self.crop_size:
            room = np.subtract(self.images.shape[1:3], self.crop_size)
            size = (self.batch_size, 2)
            corners = random.integers(room, size=size, endpoint=True)[own]
        if self.resolutions:
            drawn = random.choice(self.resolutions, self.batch_size)
            resolutions = drawn[own]
        return corners, resolutions

    def _place(self):
        """Returns the augmentation's arguments for a part of a batch."""
        whole = self.part_size == self.batch_size
        return () if whole else (self.batch_size, self.first)

    def _order(self, random):
        """Returns the rows of each batch of an epoch, `(steps, batch_size)`."""
        if self.images_per_class:
            labels = self.labels[self.rows]
            order = balanced_order(
                labels, self.batch_size, self.images_per_class, random
            )
            return np.take(self.rows, order)
        order = random.permutation(self.rows)
        taken = self.steps_per_epoch * self.batch_size
        return order[:taken].reshape(-1, self.batch_size)


def _check_count(images, labels, rows, views):
    if views is not None and len(images) != len(rows) * views.count:
        raise ValueError(
            "There must be the same number of views of each picture. Received: "
            f"{len(images)} views, {len(rows)} pictures, count={views.count}"
        )
    is_labelled = views is not None or len(images) == len(labels)
    if not len(images) or not len(rows) or not is_labelled:
        raise ValueError(
            "There must be at least one picture, and a label for each. "
            f"Received: {len(images)} images, {len(labels)} labels, "
            f"{len(rows)} rows"
        )


def evaluation_batches(images, labels=None, batch_size=64, rows=None):
    """Makes ordered batches that contain every picture once, unchanged.

    Args:
        images: uint8 array `(pictures, height, width, 3)`.
        labels: int array `(pictures,)`, or `None`.
        batch_size: Pictures in a batch. The last batch may be smaller.
        rows: Indices of the pictures to use. Defaults to `None`: all.

    Returns:
        `EvaluationSequence` of float32 images 0 to 255, or of pairs of images
        and int32 labels if `labels` are given.
    """
    return EvaluationSequence(images, labels, rows, batch_size)
