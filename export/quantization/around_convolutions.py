"""Divides operators into before, between and after the convolutions."""

BEFORE, BETWEEN, AFTER = "before", "between", "after"
_CONVOLUTIONS = {
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "TRANSPOSE_CONV",
    "Conv",
    "ConvTranspose",
}
_ACTIVATIONS = ("Clip", "RELU", "Relu")


def around_convolutions(operators):
    """Divides a network into scaling, backbone and head, from its graph only.

    A convolution is between, and so is an operator with convolutions both
    upstream and downstream, and the ReLU after the last convolution. An
    operator with convolutions only downstream is before: the scaling of the
    pixels. All others are after: the pooling, the classifier, the softmax.

    Args:
        operators: Tuples of kind (TensorFlow Lite's or ONNX's name), names of
            inputs and names of outputs, each after those it depends on.

    Returns:
        List of `"before"`, `"between"` or `"after"`, one for each. Without a
        convolution all are after.

    Example:

    >>> around_convolutions([
    ...     ("CAST", ["image"], ["pixels"]),
    ...     ("CONV_2D", ["pixels", "kernel"], ["map"]),
    ...     ("MEAN", ["map"], ["features"]),
    ... ])
    ['before', 'between', 'after']
    """
    behind = _reached(operators)
    ahead = _reached(
        [(kind, outputs, inputs) for kind, inputs, outputs in operators[::-1]]
    )[::-1]
    places = []
    last = set()  # outputs of the operators that are between
    for (kind, inputs, outputs), from_one, to_one in zip(
        operators, behind, ahead, strict=True
    ):
        activation = kind.startswith(_ACTIVATIONS) and last & set(inputs)
        if activation or (from_one and to_one):
            places.append(BETWEEN)
            last.update(outputs)
        else:
            places.append(BEFORE if to_one else AFTER)
    return places


def _reached(operators):
    """Lists whether each operator is, or depends on, a convolution."""
    values, reached = set(), []
    for kind, inputs, outputs in operators:
        found = kind in _CONVOLUTIONS or not values.isdisjoint(inputs)
        reached.append(found)
        if found:
            values.update(outputs)
    return reached
