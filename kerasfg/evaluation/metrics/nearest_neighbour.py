"""Baselines: classification by plain distances between features."""

import numpy as np

from kerasfg.evaluation.predictions import check_images

# How features are compared: with each picture, or with each class's mean.
EUCLIDEAN = ("neighbour", "mean")
# Memory for the distances that are held at once.
BLOCK_MIB = 256


def nearest_neighbour(train_features, train_labels, features):
    """Labels each sample as its nearest training sample (`euc`).

    Args:
        train_features: Float array of shape `(n, dim)`.
        train_labels: Integers of shape `(n,)`.
        features: Float array of shape `(samples, dim)`.

    Returns:
        Integers of shape `(samples,)`.

    Example:

    >>> nearest_neighbour([[0.0], [4.0]], [7, 9], [[1.0], [3.0]]).tolist()
    [7, 9]
    """
    train, labels, features = _check(train_features, train_labels, features)
    return labels[_nearest(features, train)]


def nearest_class_mean(train_features, train_labels, features):
    """Labels each sample as the class with the nearest mean (`euc_mean`).

    Args:
        train_features: Float array of shape `(n, dim)`.
        train_labels: Integers of shape `(n,)`.
        features: Float array of shape `(samples, dim)`.

    Returns:
        Integers of shape `(samples,)`.
    """
    train, labels, features = _check(train_features, train_labels, features)
    classes = np.unique(labels)
    means = np.stack([train[labels == c].mean(axis=0) for c in classes])
    return classes[_nearest(features, means)]


def class_distances(train_features, train_labels, features, rule):
    """Measures how far each sample is from each class.

    Args:
        train_features: Float array of shape `(n, dim)`.
        train_labels: Integers of shape `(n,)`, from 0 on, each class with at
            least one sample.
        features: Float array of shape `(samples, dim)`.
        rule: `"neighbour"`, the nearest training sample of the class (`euc`),
            or `"mean"`, the mean of its samples (`euc_mean`).

    Returns:
        Float array of shape `(samples, classes)`.

    Example:

    >>> train, labels = [[0.0], [2.0], [9.0]], [0, 0, 1]
    >>> class_distances(train, labels, [[3.0]], "neighbour").tolist()
    [[1.0, 6.0]]
    >>> class_distances(train, labels, [[3.0]], "mean").tolist()
    [[2.0, 6.0]]
    """
    train, labels, features = _check(train_features, train_labels, features)
    if rule not in EUCLIDEAN:
        raise ValueError(
            f"Argument `rule` must be one of {', '.join(EUCLIDEAN)}. "
            f"Received: rule={rule!r}"
        )
    missing = sorted(set(range(labels.max() + 1)) - set(labels.tolist()))
    if missing or labels.min() < 0:
        raise ValueError(
            "Argument `train_labels` must have each class from 0 on. "
            f"Received: train_labels without {missing}, the least is "
            f"{labels.min()}"
        )
    columns = []
    for label in range(labels.max() + 1):
        members = train[labels == label]
        if rule == "mean":
            members = members.mean(axis=0, keepdims=True)
        columns.append(_least_distances(features, members))
    return np.stack(columns, axis=1)


def color_histograms(images, bins=8):
    """Counts the colours of each image, jointly over red, green and blue.

    Args:
        images: uint8 array of shape `(n, height, width, 3)`.
        bins: Number of bins of each channel. Defaults to `8`, which gives 512
            features.

    Returns:
        Float32 array of shape `(n, bins ** 3)`; each row sums to 1.

    Example:

    >>> images = np.zeros((1, 4, 4, 3), "uint8")
    >>> images[0, 0] = 255
    >>> color_histograms(images, bins=2).tolist()
    [[0.75, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25]]
    """
    check_images(images)
    if not 1 <= bins <= 64:
        raise ValueError(
            f"Argument `bins` must lie in [1, 64]. Received: bins={bins}"
        )
    histograms = np.zeros((len(images), bins**3), "float32")
    for histogram, image in zip(histograms, images, strict=True):
        red, green, blue = (
            image.reshape(-1, 3).astype("int64") * bins // 256
        ).T
        index = (red * bins + green) * bins + blue
        histogram[:] = np.bincount(index, minlength=bins**3) / len(index)
    return histograms


def _nearest(features, members):
    """Index of the member that is nearest to each sample."""
    from sklearn.metrics import pairwise_distances_argmin  # slow

    return pairwise_distances_argmin(features, members)


def _least_distances(features, members):
    """How far each sample is from the nearest member, in blocks of samples."""
    from sklearn.metrics import pairwise_distances_chunked  # slow

    blocks = pairwise_distances_chunked(
        features,
        members,
        reduce_func=lambda distances, _: distances.min(axis=1),
        working_memory=BLOCK_MIB,
    )
    return np.concatenate(list(blocks))


def _check(train_features, train_labels, features):
    train, features = np.asarray(train_features), np.asarray(features)
    labels = np.asarray(train_labels)
    if (
        train.ndim != 2
        or features.ndim != 2
        or train.shape[1] != features.shape[1]
        or labels.shape != train.shape[:1]
        or 0 in train.shape
        or 0 in features.shape
    ):
        raise ValueError(
            "Arguments `train_features`, `train_labels` and `features` must "
            "have the shapes `(n, dim)`, `(n,)` and `(samples, dim)`, none of "
            f"them empty. Received: train_features.shape={train.shape}, "
            f"train_labels.shape={labels.shape}, "
            f"features.shape={features.shape}"
        )
    return train, labels, features
