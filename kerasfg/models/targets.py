"""What a target of `fit` says, and what the compiled loss wants of it."""

import keras
from keras import ops

LABEL, ATTRIBUTES = "label", "attributes"


def split_target(y):
    """Takes a target apart.

    Args:
        y: Labels, or a dictionary of `"label"` and, if there are any,
            `"attributes"`.

    Returns:
        The labels, and the attribute values or `None`.

    Raises:
        ValueError: If a dictionary has other keys.
    """
    if not isinstance(y, dict):
        return y, None
    if LABEL not in y or set(y) - {LABEL, ATTRIBUTES}:
        raise ValueError(
            f"A target that is a dictionary must have the key {LABEL!r}, and "
            f"may have {ATTRIBUTES!r}. Received: keys={sorted(y)}"
        )
    return y[LABEL], y.get(ATTRIBUTES)


def label_weight(sample_weight):
    """Weights of the samples; Keras may have shaped them like a target."""
    if isinstance(sample_weight, dict):
        return sample_weight[LABEL]
    return sample_weight


def integer_labels(y, num_classes):
    """Labels as int32 `(batch,)`; of one-hot or mixed rows the largest."""
    y = ops.convert_to_tensor(y)
    if len(y.shape) == 2 and y.shape[1] == num_classes:
        return ops.cast(ops.argmax(y, axis=1), "int32")
    return ops.cast(ops.reshape(y, (-1,)), "int32")


def class_targets(labels, loss, num_classes):
    """Integer labels as the compiled loss takes them."""
    one_hot = isinstance(loss, keras.losses.CategoricalCrossentropy)
    if one_hot and labels.shape[1:] in ((), (1,)):
        return ops.one_hot(integer_labels(labels, num_classes), num_classes)
    return labels


def class_predictions(outputs, loss):
    """Logits or probabilities, whichever the compiled loss takes.

    Args:
        outputs: What a classifier gives, in training or in inference.
        loss: The compiled loss.
    """
    from_logits = getattr(loss, "from_logits", False)
    if isinstance(outputs, dict):
        return outputs["logits" if from_logits else "probabilities"]
    if from_logits:  # log p differs from the logits by a constant only
        return ops.log(ops.maximum(outputs, 1e-37))
    return outputs
