"""Classes of unequal size: a warning, and a loss that makes up for it."""

import warnings

import keras
import numpy as np

from kerasfg.losses.class_weighted import ClassWeightedCrossentropy
from kerasfg.losses.class_weighted import balanced_class_weights
from kerasfg.losses.logit_adjusted import LogitAdjustedCrossentropy

LARGE_RATIO = 10  # of the largest class to the smallest


def class_counts(pixels, splits):
    """Returns the number of training pictures of each class, `(classes,)`.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        splits: Array with the split of each picture.
    """
    labels = pixels.labels[np.asarray(splits) == "train"]
    return np.bincount(labels, minlength=len(pixels.class_names))


def cross_entropy(settings, counts):
    """Returns the loss between labels and logits that a recipe asks for.

    Args:
        settings: The `Training` section of a recipe.
        counts: Number of training pictures of each class,
            `(classes,)`.

    Returns:
        A `keras.losses.CategoricalCrossentropy` from logits.
    """
    smoothing = settings.label_smoothing
    if settings.class_weights:
        weights = balanced_class_weights(counts)
        return ClassWeightedCrossentropy(weights, smoothing)
    if settings.logit_adjustment:
        return LogitAdjustedCrossentropy(
            counts, settings.logit_adjustment, smoothing
        )
    return keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing
    )


def warn_of_unequal_classes(settings, counts, class_names):
    """Warns if a class is ten times the smallest, and nothing makes up for it.

    Args:
        settings: The `Training` section of a recipe.
        counts: Number of training pictures of each class,
            `(classes,)`; a class without any is not counted.
        class_names: The names of the classes.
    """
    counts = np.asarray(counts)
    present = np.flatnonzero(counts)
    largest = present[np.argmax(counts[present])]
    smallest = present[np.argmin(counts[present])]
    ratio = counts[largest] / counts[smallest]
    helps = settings.balanced, settings.class_weights, settings.logit_adjustment
    if ratio < LARGE_RATIO or any(helps):
        return
    warnings.warn(
        f"The class {class_names[largest]!r} has {counts[largest]} training "
        f"pictures, {ratio:.3g} times as many as {class_names[smallest]!r} "
        f"with {counts[smallest]}: small classes will be recognized less "
        "often. Add pictures of them, or train with --logit-adjustment 1 (in a "
        "recipe logit_adjustment = 1), and compare by the balanced accuracy.",
        stacklevel=2,
    )
