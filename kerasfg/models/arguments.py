"""Checks the arguments of a classifier."""

import operator
import warnings

import keras

from kerasfg.data.attributes import AttributeTable
from kerasfg.layers import AttributeCentroids
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance
from kerasfg.one_line import few_names

TERMS = ("class_variance", "attribute_distance", "weight_decay", "distillation")


def class_count(num_classes):
    """Returns the number of classes as an int.

    Raises:
        ValueError: If it is not a whole number of at least 2.
    """
    try:
        count = operator.index(num_classes)
    except TypeError:
        count = 0
    if count < 2:
        raise ValueError(
            "Argument `num_classes` must be a whole number of at least 2. "
            f"Received: num_classes={num_classes!r}"
        )
    return count


def check_arguments(num_classes, dropout, weight_decay, class_names):
    """Checks the arguments that depend on no other.

    Raises:
        ValueError: If one is out of its range.
    """
    if not 0 <= dropout < 1:
        raise ValueError(
            f"Argument `dropout` must be in [0, 1). Received: dropout={dropout}"
        )
    if not weight_decay >= 0:
        raise ValueError(
            "Argument `weight_decay` must not be negative. "
            f"Received: weight_decay={weight_decay}"
        )
    if class_names is not None and len(class_names) != num_classes:
        raise ValueError(
            "Argument `class_names` must hold one name for each of the "
            f"{num_classes} classes. "
            f"Received: class_names={few_names(class_names)}"
        )
    if class_names is not None and len(set(class_names)) < num_classes:
        raise ValueError(
            "Argument `class_names` must hold different names. "
            f"Received: class_names={few_names(class_names)}"
        )


def check_losses(class_variance, attribute_distance):
    """Checks that the terms of both papers are given as losses.

    Raises:
        ValueError: If one is something else, such as its weight.
    """
    for name, loss, kind in (
        ("class_variance", class_variance, ClassVariance),
        ("attribute_distance", attribute_distance, AttributeDistance),
    ):
        if loss is not None and not isinstance(loss, kind):
            raise ValueError(
                f"Argument `{name}` must be a kerasfg.losses.{kind.__name__}, "
                "which takes the weights, or None. "
                f"Received: {name}={loss!r}"
            )


def check_backbone(backbone):
    """Checks that a backbone, or each of two streams, has inputs and outputs.

    Raises:
        ValueError: If it is no functional Keras model.
    """
    for stream in keras.tree.flatten(backbone):
        try:
            known = isinstance(stream, keras.Model) and stream.outputs
        except (AttributeError, ValueError):  # subclassed, or not built
            known = None
        if not known:
            raise ValueError(
                "Argument `backbone` must be a functional Keras model, such as "
                "kerasfg.models.backbone(name, image_size), or two of them. "
                f"Received: backbone={stream!r}"
            )


def fitting_table(attributes, num_classes, class_names=None):
    """Returns a table whose rows are in the order of the labels.

    Args:
        attributes: `AttributeTable`, or the number of values of each
            attribute, or `None`.
        num_classes: Number of classes.
        class_names: Names in the order of the labels. `None`: the rows of the
            table are already in that order.

    Returns:
        `AttributeTable`, tuple of int, or `None`.

    Raises:
        ValueError: If the table does not have these classes.
    """
    if attributes is None:
        return None
    if not isinstance(attributes, AttributeTable):
        return _numbers_of_values(attributes)
    if class_names is not None:
        return attributes.for_classes(class_names)
    if len(attributes.class_names) != num_classes:
        raise ValueError(
            f"Argument `attributes` must be a table of the {num_classes} "
            "classes in the order of their labels: pass `class_names`, or "
            "table.for_classes(names). "
            f"Received: a table of {len(attributes.class_names)} classes"
        )
    return attributes


def _numbers_of_values(attributes):
    if isinstance(attributes, int):
        attributes = [attributes]
    try:
        numbers = tuple(operator.index(n) for n in attributes)
    except TypeError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise ValueError(
            "Argument `attributes` must be an AttributeTable, or the number of "
            f"values of each attribute. Received: attributes={attributes!r}"
        )
    return numbers


def names_of_classes(class_names, attributes):
    """Returns the given names, or those of the table, as a tuple or `None`."""
    if class_names is None:
        class_names = getattr(attributes, "class_names", None)
    return None if class_names is None else tuple(class_names)


def fitting_centroids(attribute_distance, centroids, attributes, shape):
    """Returns the loss and the built layer of the attribute term.

    Args:
        attribute_distance: `AttributeDistance`, or `None` for the default.
        centroids: An `AttributeCentroids`, or its `update`.
        attributes: Result of `fitting_table`.
        shape: Shape of the features, `(None, dim)`.

    Returns:
        `AttributeDistance` and `AttributeCentroids`, or `None` and `None`
        without attributes.

    Raises:
        ValueError: If they do not fit together.
    """
    if attributes is None:
        if attribute_distance is not None:
            raise ValueError(
                "Argument `attribute_distance` needs `attributes`: an "
                "AttributeTable, or the number of values of each attribute. "
                "Received: attributes=None"
            )
        return None, None
    loss = attribute_distance or AttributeDistance()
    if loss.reduction in (None, "none"):
        raise ValueError(
            "The attribute term of a classifier is one number: give its "
            "AttributeDistance a reduction. "
            f"Received: reduction={loss.reduction!r}"
        )
    numbers = getattr(attributes, "num_values", attributes)
    if not isinstance(centroids, AttributeCentroids):
        centroids = AttributeCentroids(
            numbers,
            update=centroids,
            split_features=loss.split_features,
            name="centroids",
        )
    expected = (tuple(numbers), loss.split_features)
    found = (centroids.num_values, centroids.split_features)
    if expected != found:
        raise ValueError(
            "The centroids must have the attributes' numbers of values and the "
            f"loss's split_features, {expected}. Received: centroids with "
            f"{found}"
        )
    if not centroids.built:
        centroids.build(shape)
    return loss, centroids


def check_step(model):
    """Checks backend and compile options.

    Raises:
        ValueError: If the step is to be compiled and shared by replicas.
    """
    if keras.backend.backend() != "tensorflow":
        _warn_of_probabilities(keras.tree.flatten(model.loss)[0])
        return
    replicas = model.distribute_strategy.num_replicas_in_sync
    if model.jit_compile and replicas > 1:
        raise ValueError(
            "Keras cannot compile a step with XLA that replicas share: pass "
            "jit_compile=False to compile(). "
            f"Received: jit_compile=True, {replicas} replicas"
        )


def check_outputs(outputs, terms):
    """Checks the outputs that the terms of a training are computed from.

    Args:
        outputs: The argument `y_pred` of `compute_loss`.
        terms: Names of the terms and measures; may be empty.

    Raises:
        ValueError: If there are terms, and the outputs are probabilities.
    """
    if terms and not isinstance(outputs, dict):
        raise ValueError(
            "The terms of a training need all outputs of the network: pass "
            "model.network(x, training=True) as `y_pred`. "
            f"Received: y_pred of the type {type(outputs).__name__}"
        )


def warn_of_idle_terms(model):
    """Warns that another model's training calls a model with terms.

    Args:
        model: The `FineGrainedClassifier` that is called.
    """
    terms = ", ".join(name for name in TERMS if name in model.trackers)
    warnings.warn(
        f"The model {model.name!r} is called with training=True outside its "
        f"own training, where its terms do not act: {terms}. If it is a part "
        "of a model that is trained, train it by its own fit() first, or make "
        "it without terms. For predictions with dropout nothing is wrong.",
        stacklevel=2,
    )


def _warn_of_probabilities(loss):
    """Warns of a cross-entropy whose gradient vanishes near 0 and 1."""
    named = isinstance(loss, str) and "crossentropy" in loss
    if named or getattr(loss, "from_logits", True) is False:
        warnings.warn(
            "The gradient of a cross-entropy on probabilities is lost where "
            "logits are some 30 apart. Compile with a loss that has "
            "from_logits=True; it is then given the logits.",
            stacklevel=6,  # the caller of `fit`
        )
