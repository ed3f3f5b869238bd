"""Balanced batches: the same number of pictures of each of some classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def balanced_order(
    labels: npt.ArrayLike,
    batch_size: int,
    images_per_class: int,
    random: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Draws an epoch of batches of P classes times K pictures.

    This is for losses over pairs of pictures of one class. With many classes a
    shuffled batch has few such pairs. A balanced batch holds
    `P = batch_size // images_per_class` random classes and
    `K = images_per_class` random pictures of each, as in Hermans et al.
    (2017).

    Classes are drawn from a queue of all classes in random order, which is
    refilled when it is empty. The pictures of a class are drawn in the same
    way. So in an epoch:

    - A batch holds no class twice and no picture twice. The exception is a
      class of `n < K` pictures: each of them is in the batch `K // n` or
      `K // n + 1` times.
    - The numbers of draws of two classes differ by at most one, and so do
      those of two pictures of one class.
    - If all classes have the same size, at least K, a picture is drawn at most
      twice; at most once if K also divides that size; and exactly once if
      `batch_size` also divides the number of all pictures.
    - If class sizes differ, the classes are still drawn equally often. A
      picture is then drawn about `average class size / size of its class`
      times: more than once in a small class, and not in every epoch in a big
      one.

    Args:
        labels: Integer labels, shape `(pictures,)` or `(pictures, 1)`.
        batch_size: Pictures in a batch, a multiple of `images_per_class`.
        images_per_class: Pictures of each class in a batch, at least 2.
        random: A `numpy.random.Generator`, such as
            `numpy.random.default_rng([seed, epoch])`. Generators of the same
            seed give the same order.

    Returns:
        int64 array `(steps, batch_size)` of indices into `labels`. The K
        indices of a class are adjacent; `steps` is `pictures // batch_size`,
        at least 1.

    Raises:
        ValueError: Under the conditions of `classes_per_batch`.

    Example:

    >>> labels = np.repeat([0, 1, 2], 4)
    >>> images = np.zeros((12, 8, 8, 3), "float32")
    >>> order = balanced_order(labels, 4, 2, np.random.default_rng([0, 0]))
    >>> order.shape
    (3, 4)
    >>> [len(set(batch)) for batch in labels[order].tolist()]
    [2, 2, 2]

    As a data set for `model.fit`:

    >>> batches = ((images[rows], labels[rows]) for rows in order)
    >>> next(batches)[0].shape
    (4, 8, 8, 3)

    Reference:

    - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737), section 2
    """
    classes = classes_per_batch(labels, batch_size, images_per_class)
    _, labels = np.unique(labels, return_inverse=True)
    present = labels.max() + 1
    steps = max(1, labels.size // batch_size)
    drawn = _draws(present, classes, steps, random)
    order = np.empty((drawn.size, images_per_class), "int64")
    for own, slots in zip(
        _indices_by_class(labels, present),
        _indices_by_class(drawn, present),
        strict=True,
    ):
        taken = _draws(len(own), images_per_class, len(slots), random)
        order[slots] = own[taken]
    return order.reshape(steps, batch_size)


def classes_per_batch(labels, batch_size, images_per_class):
    """Returns the number of classes in a balanced batch.

    Args:
        labels: Integer labels, shape `(pictures,)` or `(pictures, 1)`.
        batch_size: Pictures in a batch.
        images_per_class: Pictures of each class in a batch.

    Returns:
        `batch_size // images_per_class`.

    Raises:
        ValueError: If `labels` has another shape, if `images_per_class` is
            below 2 (which makes no pairs), if `batch_size` is not a multiple
            of `images_per_class`, if a batch would hold fewer than two classes
            (cross-entropy learns nothing from one), or if it would hold more
            classes than the labels have.
    """
    shape = np.shape(labels)
    if len(shape) not in (1, 2) or shape[1:] not in ((), (1,)):
        raise ValueError(
            "Argument `labels` must hold one integer label per picture, not "
            f"one-hot rows. Received: labels.shape={shape}"
        )
    if images_per_class < 2:
        raise ValueError(
            "Argument `images_per_class` must be at least 2, since a pair has "
            f"two pictures. Received: images_per_class={images_per_class}"
        )
    classes = batch_size // images_per_class
    if batch_size % images_per_class or classes < 2:
        raise ValueError(
            "Argument `batch_size` must be a multiple of `images_per_class`, "
            "and at least twice as large. Take for example "
            f"{max(2, classes) * images_per_class}. Received: "
            f"batch_size={batch_size}, images_per_class={images_per_class}"
        )
    present = len(np.unique(labels))
    if present < 2:
        raise ValueError(
            "Balanced batches need pictures of at least two classes. "
            f"Received: classes={present}"
        )
    if classes > present:
        raise ValueError(
            "A batch must not hold more classes than the data has. Take a "
            f"`batch_size` of at most {present * images_per_class}, or a "
            f"larger `images_per_class`. Received: classes={present}, "
            f"batch_size={batch_size}, images_per_class={images_per_class}"
        )
    return classes


def _indices_by_class(labels, classes):
    """Returns the flat indices of each of the labels 0, 1, 2 ..."""
    order = np.argsort(labels, axis=None, kind="stable")
    ends = np.cumsum(np.bincount(np.ravel(labels), minlength=classes))
    return np.split(order, ends[:-1])


def _draws(things, size, draws, random):
    """Draws indices `(draws, size)`; counts in a draw differ by at most one."""
    times, rest = divmod(size, things)
    every = np.tile(np.arange(things), times)
    every = np.broadcast_to(every, (draws, len(every)))
    some = _from_queue(things, rest, draws, random)
    return np.concatenate([every, some], axis=1)


def _from_queue(things, size, draws, random):
    """Draws indices `(draws, size)` from shuffled rounds, unique in a draw."""
    rounds = [np.arange(0)]
    for start in range(0, draws * size, things):
        # The last round ended within a draw that already holds these.
        begun = rounds[-1][things - start % size :]
        others = random.permutation(np.delete(np.arange(things), begun))
        finish, later = np.split(others, [-start % size])
        later = random.permutation(np.r_[later, begun])
        rounds.append(np.r_[finish, later])
    return np.concatenate(rounds)[: draws * size].reshape(draws, size)
