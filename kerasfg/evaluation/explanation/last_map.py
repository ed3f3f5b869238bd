"""Cuts a classifier in two where its last feature maps are."""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    import keras

_CALLS = ("keras.src.models.functional", "keras.src.models.sequential")
_POOLING = "GlobalAveragePooling2D"
_SAME_VALUES = ("Dropout", "Flatten", "Identity", "Reshape", _POOLING)
# Cutting a model adds nodes to its layers, so that it is done once for each.
_KNOWN = weakref.WeakKeyDictionary()


@dataclasses.dataclass(frozen=True, eq=False)
class CutClassifier:
    """A classifier in the parts before and after its last feature maps.

    Attributes:
        before: List of `keras.Model`. Called one after the other they make of
            images the map, of shape `(n, height, width, channels)`, or a list
            of maps where a layer takes several.
        after: List of `keras.Model`, likewise from the map to the features, or
            to the scores of the classes where there is no `dense`.
        dense: The last layer, from features to scores; `None` if the scores
            are made otherwise.
        averages: Whether the features are the mean of the map over its
            positions.
    """

    before: list[keras.Model]
    after: list[keras.Model]
    dense: Any
    averages: bool


def cut_at_last_map(model: keras.Model) -> CutClassifier:
    """Cuts a classifier at its last feature maps.

    These are the last tensors of shape `(batch, height, width, channels)` with
    more than one position, also inside a model that is a layer of the model. A
    softmax or sigmoid at the end is left out, so that the scores are logits.

    Args:
        model: Functional or sequential `keras.Model`, or a
            `kerasfg.FineGrainedClassifier`, with its channels last. Of several
            outputs the first counts.

    Returns:
        A `CutClassifier`.

    Raises:
        ValueError: If the model is none of these, or has no such map.
    """
    if model not in _KNOWN:
        _KNOWN[model] = _cut(model)
    return _KNOWN[model]


def _cut(model):
    if not _has_graph(model):
        raise ValueError(
            "The model must be functional or sequential, so that its last "
            "feature map can be found. "
            f"Received: model={model.name!r} of {type(model).__name__}"
        )
    found = _unwind(model.inputs, model.outputs[0])
    if found is None or not any(part.weights for part in found[0]):
        raise ValueError(
            "The model must have a feature map of height, width and channels "
            "before its classes, as convolutional networks have. "
            f"Received: model={model.name!r} without one"
        )
    before, steps = found
    if steps and _activation(steps[-1][0]) in ("softmax", "sigmoid"):
        steps = steps[:-1]
    dense = None
    if steps and type(steps[-1][0]).__name__ == "Dense":
        dense = steps[-1][0]
        steps = steps[:-1]
    names = [type(operation).__name__ for operation, _ in steps]
    averages = (
        dense is not None
        and names.count(_POOLING) == 1
        and set(names) <= set(_SAME_VALUES)
    )
    return CutClassifier(before, [step for _, step in steps], dense, averages)


def _has_graph(model):
    """Whether a call of a model runs its graph."""
    call = getattr(type(model), "call", None)
    known = getattr(call, "__module__", "") in _CALLS
    # FineGrainedClassifier shows the tensors of its network as its own.
    known = known or hasattr(model, "network")
    return known and bool(getattr(model, "outputs", None))


def _unwind(inputs, output):
    """Goes back from an output to the last maps.

    Returns:
        `(before, steps)`, where `steps` are pairs of an operation and a model
        that computes it; `None` if there is no map.
    """
    import keras

    if len(inputs) == 1:  # Keras warns of a list of one
        inputs = inputs[0]
    steps = []
    while not _is_map(output):
        operation, sources, index = _maker(output)
        if not sources:
            return None
        if len(sources) > 1:
            maps = _maps_before(sources)
            if maps is None:
                return None
            step = (None, keras.Model(maps, output))
            return [keras.Model(inputs, maps)], [step, *steps]
        source = sources[0]
        if _has_graph(operation):
            inner = _unwind(operation.inputs, operation.outputs[index])
            if inner is not None:
                first = [keras.Model(inputs, source)]
                return first + inner[0], inner[1] + steps
        steps = [(operation, keras.Model(source, output)), *steps]
        output = source
    return [keras.Model(inputs, output)], steps


def _maps_before(tensors):
    """Returns the maps that tensors are computed from, or `None`."""
    waiting, maps = list(tensors), []
    for tensor in waiting:  # the loop appends to the list
        if _is_map(tensor):
            if not any(tensor is one for one in maps):
                maps.append(tensor)
            continue
        sources = _maker(tensor)[1]
        if not sources:
            return None
        waiting += sources
    return maps if len(maps) > 1 else maps[0]


def _maker(tensor):
    """Returns the operation that made a tensor, its inputs and its place."""
    operation, node, index = tensor._keras_history
    return operation, operation._inbound_nodes[node].input_tensors, index


def _is_map(tensor):
    shape = tuple(tensor.shape)
    return (
        len(shape) == 4
        and shape[1:3] != (1, 1)
        and bool(_maker(tensor)[1])  # not the picture itself
    )


def _activation(operation):
    """Returns the name of the function of an operation, if it has one."""
    name = type(operation).__name__
    if name in ("Softmax", "Sigmoid"):  # a layer, or one of keras.ops
        return name.lower()
    if type(operation).__name__ == "Activation":
        return getattr(operation.activation, "__name__", "")
    return ""
