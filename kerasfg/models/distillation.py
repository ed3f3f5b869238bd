"""Distillation: a network learns from a teacher, perhaps of larger pictures."""

import keras
from keras import ops

from kerasfg.models.replicas import replica_count


def check_distillation(distillation, weight):
    """Checks the arguments of the distillation.

    Args:
        distillation: `keras.distillation.LogitsDistillation`, or `None`.
        weight: Share of the term in the objective.

    Raises:
        ValueError: If the loss is not the divergence, or the weight is not in
            `[0, 1]`.
    """
    if not 0 <= weight <= 1:
        raise ValueError(
            "Argument `distillation_weight` must be in [0, 1]. "
            f"Received: distillation_weight={weight}"
        )
    if distillation is None:
        return
    if not isinstance(
        distillation, keras.distillation.LogitsDistillation
    ) or not _is_divergence(distillation.loss):
        loss = getattr(distillation, "loss", None)
        raise ValueError(
            "Argument `distillation` must be a keras.distillation."
            "LogitsDistillation with its default loss 'kl_divergence'. "
            f"Received: distillation={distillation!r}, with the loss {loss!r}"
        )


def distillation_term(distillation, teacher_logits, logits, sample_weight=None):
    """Computes how far a network's softened predictions are from its teacher's.

    Formula:

    ```python
    p, q = softmax(teacher_logits / T), softmax(logits / T)
    loss[i] = T**2 * sum(p[i] * log(p[i] / q[i]))
    ```

    The factor keeps gradients as large as with `T = 1`. Only the temperature of
    Keras's object is used: its own `compute_loss` takes no sample weights, and
    if its loss is given by name (Keras 3.15), it compares the logits themselves
    as if they were probabilities.

    Args:
        distillation: A `keras.distillation.LogitsDistillation`.
        teacher_logits: Shape `(batch, classes)`.
        logits: Shape `(batch, classes)`.
        sample_weight: Shape `(batch,)` or `None`.

    Returns:
        This replica's share of the mean over the batch, a scalar.

    Raises:
        ValueError: If teacher and network have different numbers of classes.

    Example:

    >>> distillation = keras.distillation.LogitsDistillation(temperature=2.0)
    >>> teacher, student = ops.array([[0.0, 4.0]]), ops.array([[0.0, 0.0]])
    >>> round(float(distillation_term(distillation, teacher, student)), 4)
    1.3113

    Reference:

    - [Hinton et al., 2015](https://arxiv.org/abs/1503.02531), section 2
    - [Su and Maji, 2017](https://arxiv.org/abs/1604.00433), for pictures at
      high and low resolution
    """
    temperature = distillation.temperature
    teacher_logits = ops.cast(teacher_logits, "float32")
    shape = tuple(teacher_logits.shape)
    if shape[1:] not in ((None,), tuple(logits.shape[1:])):
        raise ValueError(
            "The teacher's logits must have the shape (batch, classes), of the "
            f"same {logits.shape[1]} classes in the same order. "
            f"Received: teacher_logits of the shape {shape}"
        )
    teacher_logits = teacher_logits / temperature
    logits = ops.cast(logits, "float32") / temperature
    soft = ops.softmax(teacher_logits)
    # From logits: unlike Keras's divergence it has a gradient everywhere.
    cross_entropy = keras.losses.CategoricalCrossentropy(
        from_logits=True, dtype="float32"
    )
    least = cross_entropy(soft, teacher_logits, sample_weight)
    divergence = cross_entropy(soft, logits, sample_weight) - least
    return temperature**2 * divergence


def with_distillation(loss, regularization, weight, term):
    """Mixes the compiled loss and the distillation.

    Args:
        loss: Loss by Keras, this replica's share, a scalar.
        regularization: The layers' own losses in it, a list of scalars, which
            are not scaled down.
        weight: Share of the term.
        term: Result of `distillation_term`.

    Returns:
        This replica's share of the sum, a scalar, and the dictionary of its
        measure: `distillation` (the term, weighted).
    """
    kept = sum((ops.sum(part) for part in regularization), 0.0)
    kept = ops.cast(kept, loss.dtype) / replica_count()
    measures = {"distillation": weight * term * replica_count()}
    term = ops.cast(weight * term, loss.dtype)
    return (1 - weight) * (loss - kept) + kept + term, measures


def _is_divergence(loss):
    if isinstance(loss, keras.losses.KLDivergence):
        return loss.reduction == "sum_over_batch_size"
    return loss is keras.losses.kl_divergence
