"""Finds the first layers of a model and the layers that make its outputs."""

# Layers that keep the range of the pixels in inference. So do layers for
# augmentation, whose names begin with "Rand".
_SAME_RANGE = {
    "CenterCrop",
    "Cropping2D",
    "Dropout",
    "Identity",
    "InputLayer",
    "Permute",
    "Resizing",
    "UpSampling2D",
    "ZeroPadding2D",
}
_SAME_VALUES = {"Dropout", "Flatten", "Identity", "Reshape"}
_CALLS = ("keras.src.models.functional", "keras.src.models.sequential")


def has_graph(model):
    """Returns whether a model or layer computes its graph of layers.

    Functional and sequential models do, unless a subclass defines `call`.
    """
    call = getattr(type(model), "call", None)
    return getattr(call, "__module__", "") in _CALLS and bool(
        getattr(model, "outputs", None)
    )


def first_operations(model):
    """Finds the first operations on the pixels, also in nested models.

    Args:
        model: Functional or sequential `keras.Model` of one input.

    Returns:
        List of layers or other operations. Cropping, resizing and augmentation
        are skipped, since they keep the range of the pixels.
    """
    found = []
    _follow(model, model.inputs[0], found)
    return found


def last_operation(tensor):
    """Finds the operation that makes an output, also in nested models.

    Args:
        tensor: One of the `outputs` of a functional or sequential model.

    Returns:
        The last layer or other operation that changes the values.
    """
    while True:
        operation, _, index = tensor._keras_history
        if has_graph(operation):
            tensor = operation.outputs[index]
        elif _keeps_values(operation):
            tensor = _node(tensor).input_tensors[0]
        else:
            return operation


def _follow(model, pixels, found):
    """Adds to `found`; returns the indices of outputs that are still pixels."""
    tensors = [pixels]
    for tensor in tensors:  # the loop appends to the list
        for node in _nodes(model):
            places = [x is tensor for x in node.input_tensors]
            if not any(places):
                continue
            operation = node.operation
            if has_graph(operation):
                source = operation.inputs[places.index(True)]
                left = _follow(operation, source, found)
                tensors += [node.outputs[i] for i in left]
            elif _keeps_range(operation):
                tensors += node.outputs
            else:
                found.append(operation)
    return [
        i
        for i, output in enumerate(model.outputs)
        if any(output is tensor for tensor in tensors)
    ]


def _nodes(model):
    """Returns the nodes (calls of operations) of a model's graph."""
    found, waiting = {}, list(model.outputs)
    while waiting:
        node = _node(waiting.pop())
        if id(node) not in found:
            found[id(node)] = node
            waiting += node.input_tensors
    return found.values()


def _node(tensor):
    operation, node_index, _ = tensor._keras_history
    return operation._inbound_nodes[node_index]


def _keeps_range(operation):
    name = type(operation).__name__
    return name in _SAME_RANGE or name.startswith("Rand")


def _keeps_values(operation):
    name = type(operation).__name__
    activation = getattr(operation, "activation", None)
    linear = getattr(activation, "__name__", None) == "linear"
    return name in _SAME_VALUES or (name == "Activation" and linear)
