"""Splits the targets of `fit`, and converts them for the compiled loss."""

import keras
from keras import ops

LABEL, ATTRIBUTES = "label", "attributes"
TEACHER_LOGITS = "teacher_logits"


def split_target(y):
    """Splits a target.

    Args:
        y: Labels, or a dictionary of `"label"` and, if there are any,
            `"attributes"` and `"teacher_logits"`.

    Returns:
        The labels, and the attribute values or `None`.

    Raises:
        ValueError: If a dictionary has other keys.
    """
    if not isinstance(y, dict):
        return y, None
    if LABEL not in y or set(y) - {LABEL, ATTRIBUTES, TEACHER_LOGITS}:
        raise ValueError(
            f"A target that is a dictionary must have the key {LABEL!r}, and "
            f"may have {ATTRIBUTES!r} and {TEACHER_LOGITS!r}. "
            f"Received: keys={sorted(y)}"
        )
    return y[LABEL], y.get(ATTRIBUTES)


def teacher_logits(y, needed):
    """Returns the logits of the teacher that a target of training holds.

    Args:
        y: Labels, or a dictionary; see `split_target`.
        needed: Whether the model learns from a teacher.

    Returns:
        Logits of shape `(batch, classes)`; `None` if they are not needed.

    Raises:
        ValueError: If they are needed and missing, or the reverse.
    """
    given = y.get(TEACHER_LOGITS) if isinstance(y, dict) else None
    if needed and given is None:
        raise ValueError(
            "A model with `distillation` must be trained on targets that are "
            f"dictionaries of {LABEL!r} and {TEACHER_LOGITS!r}. "
            f"Received: {_described(y)}"
        )
    if given is not None and not needed:
        raise ValueError(
            f"Targets with {TEACHER_LOGITS!r} are for a model that learns from "
            "a teacher: give it `distillation`, or leave them out. "
            "Received: distillation=None"
        )
    return given


def label_weight(sample_weight):
    """Returns the sample weights, which Keras may have put in a dictionary."""
    if isinstance(sample_weight, dict):
        return sample_weight[LABEL]
    return sample_weight


def integer_labels(y, num_classes):
    """Returns labels as int32 `(batch,)`; for one-hot rows the largest."""
    y = ops.convert_to_tensor(y)
    if len(y.shape) == 2 and y.shape[1] == num_classes:
        return ops.cast(ops.argmax(y, axis=1), "int32")
    return ops.cast(ops.reshape(y, (-1,)), "int32")


def class_targets(labels, loss, num_classes):
    """Returns labels in the form that the compiled loss takes."""
    one_hot = isinstance(loss, keras.losses.CategoricalCrossentropy)
    if one_hot and labels.shape[1:] in ((), (1,)):
        return ops.one_hot(integer_labels(labels, num_classes), num_classes)
    return labels


def class_predictions(outputs, loss):
    """Returns logits or probabilities, whichever the compiled loss takes.

    Args:
        outputs: Probabilities, or all outputs of a classifier's `network`.
        loss: The compiled loss.
    """
    from_logits = getattr(loss, "from_logits", False)
    if isinstance(outputs, dict):
        return outputs["logits" if from_logits else "probabilities"]
    if from_logits:  # log p differs from the logits by a constant only
        return ops.log(ops.maximum(outputs, 1e-37))
    return outputs


def _described(y):
    if isinstance(y, dict):
        return f"keys={sorted(y)}"
    return f"y of the type {type(y).__name__}"
