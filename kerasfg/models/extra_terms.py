"""The terms of both papers, over the batch of all replicas.

`FineGrainedClassifier.compute_loss` adds them to the loss.
"""

import keras
from keras import ops

from kerasfg.models.replicas import gather_over_replicas
from kerasfg.models.replicas import replica_count
from kerasfg.models.replicas import sum_over_replicas


def term_trackers(model):
    """Makes the metrics of the terms that a model is trained with.

    Args:
        model: A `FineGrainedClassifier`.

    Returns:
        Dictionary from the name of each term or measure to a
        `keras.metrics.Mean` of that name; empty without terms.
    """
    names = []
    if model.class_variance:
        names += ["class_variance", "pull", "push"]
        names += ["same_class_pairs", "different_class_pairs"]
    if model.attributes is not None:
        names.append("attribute_distance")
    if names:
        names += ["feature_norm", "feature_spread"]
    if model.weight_decay:
        names.append("weight_decay")
    if model.distillation is not None:
        names.append("distillation")
    # Numbers of pairs may exceed the largest number of half precision.
    return {x: keras.metrics.Mean(name=x, dtype="float32") for x in names}


def class_variance_term(loss, labels, outputs, sample_weight=None):
    """Computes the class-variance term over the pairs of the whole batch.

    Args:
        loss: A `kerasfg.losses.ClassVariance`.
        labels: Integers of shape `(batch,)`.
        outputs: Outputs of a classifier's `network`, a dictionary.
        sample_weight: Shape `(batch,)` or `None`.

    Returns:
        This replica's share of the term, a scalar, and the dictionary of its
        measures: `class_variance` (the term), `pull` and `push` (without their
        weights), `same_class_pairs` and `different_class_pairs`.
    """
    embeddings = gather_over_replicas(_embeddings(outputs, loss.on))
    labels = gather_over_replicas(labels)
    if sample_weight is not None:
        sample_weight = gather_over_replicas(sample_weight)
    terms = loss.terms(labels, embeddings, sample_weight)
    measures = {
        "class_variance": terms["loss"],
        "pull": terms["pull"],
        "push": terms["push"],
        "same_class_pairs": terms["same_pairs"],
        "different_class_pairs": terms["different_pairs"],
    }
    return terms["loss"] / replica_count(), measures


def attribute_term(loss, centroids, values, features, sample_weight=None):
    """Computes the attribute term, and moves the centroids to this batch.

    Args:
        loss: A `kerasfg.losses.AttributeDistance`.
        centroids: A built `kerasfg.layers.AttributeCentroids`.
        values: Integers of shape `(batch, attributes)`, -1 for unknown.
        features: Shape `(batch, dim)`.
        sample_weight: Shape `(batch,)` or `None`.

    Returns:
        This replica's share of the term, a scalar, and the dictionary of its
        measure: `attribute_distance` (the term).
    """
    sums, counts = sum_over_replicas(
        centroids.statistics(features, values, sample_weight)
    )
    blocks = centroids.blocks(sums, counts)
    term = loss(values, features, sample_weight, centroids=blocks)
    centroids.assign(sums, counts)
    return term, {"attribute_distance": term * replica_count()}


def weight_decay_term(weight_decay, weights):
    """Computes coupled weight decay, `weight_decay / 2 * sum(w ** 2)`.

    Args:
        weight_decay: Non-negative float.
        weights: The trainable weights.

    Returns:
        This replica's share of the term, a scalar, and the dictionary of its
        measure: `weight_decay` (the term).
    """
    squares = [ops.sum(ops.square(ops.cast(w, "float32"))) for w in weights]
    term = weight_decay / 2 * sum(squares)
    return term / replica_count(), {"weight_decay": term}


def feature_statistics(features):
    """Measures whether features collapse to one point.

    Their norm may stay large if they have a constant part, so their spread is
    measured, too.

    Args:
        features: Shape `(batch, dim)`.

    Returns:
        Dictionary of two scalars, float32: `feature_norm` (the mean L2 norm)
        and `feature_spread` (the root of the mean squared distance from the
        mean of this replica's batch).
    """
    x = ops.stop_gradient(ops.cast(features, "float32"))
    squares = ops.mean(ops.sum(ops.square(x - ops.mean(x, axis=0)), axis=1))
    return {
        "feature_norm": ops.mean(ops.sqrt(ops.sum(ops.square(x), axis=1))),
        "feature_spread": ops.sqrt(squares),
    }


def _embeddings(outputs, on):
    """Returns what the pairs compare, `(batch, dim)`; maps are concatenated."""
    if on == "features":
        return ops.cast(outputs["features"], "float32")
    maps = outputs["map"]
    maps = maps if isinstance(maps, (list, tuple)) else [maps]
    maps = [ops.cast(one, "float32") for one in maps]
    if on == "map":
        return _concatenated([_flat(one) for one in maps])
    means = _concatenated([ops.mean(one, axis=(1, 2)) for one in maps])
    # Squared distances grow with the channels, unlike weights and margin.
    return means / means.shape[1] ** 0.5


def _concatenated(parts):
    return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=1)


def _flat(features):
    """A map as one row, divided by its number of positions."""
    _, height, width, channels = ops.shape(features)
    rows = ops.reshape(features, (-1, height * width * channels))
    return rows / ops.cast(height * width, "float32")
