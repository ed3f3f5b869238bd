"""Brings the channels of a network's maps to similar ranges."""

import numpy as np

from kerasfg.export.quantization.constants import constant
from kerasfg.export.quantization.constants import replace_constant
from kerasfg.export.quantization.value_ranges import keeping_interpreter
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked

_LINEAR = 0  # no fused activation, in the schema
_SMALLEST = 1e-3  # range of a channel, of the largest


def equalized(contents, images):
    """Scales channels so that one int8 scale suits all of a map.

    A map in int8 has one scale for all channels, and that of the largest leaves
    few steps for the small ones. In the stream of a residual network,
    convolutions without activation write maps that only convolutions and sums
    read. There the weights and biases of the writing convolutions are
    multiplied, and the weights of the reading ones divided, by a factor for
    each channel, so that its range is that of the largest. In float32 the
    network computes the same.

    Source: Nagel et al., "Data-Free Quantization Through Weight Equalization
    and Bias Correction" (ICCV 2019), here for streams, and for ranges of maps
    instead of weights.

    Args:
        contents: Bytes of a float32 `.tflite` file without metadata.
        images: Calibration pictures `(pictures, N, N, 3)`, as the file takes
            them.

    Returns:
        Bytes of the scaled file.
    """
    model = unpacked(contents)
    kinds = [operator.kind for operator in tflite_graph(contents)]
    operators = list(zip(kinds, model.subgraphs[0].operators, strict=True))
    streams = _streams(model, operators)
    if not streams:
        return contents
    ranges = _channel_ranges(contents, set().union(*streams), images)
    for stream in streams:
        largest = np.max([ranges[index] for index in stream], axis=0)
        top = max(largest.max(), np.finfo("float32").tiny)
        factors = top / np.maximum(largest, _SMALLEST * top)
        _scale(model, operators, stream, factors.astype("float32"))
    return packed(model)


def _streams(model, operators):
    """Lists sets of tensors whose channels can be scaled together."""
    graph = model.subgraphs[0]
    stream_of = {}
    for kind, operator in operators:
        if kind not in ("ADD", "CONV_2D"):
            continue
        parts = set(operator.outputs)
        if kind == "ADD":
            parts |= {i for i in operator.inputs if constant(model, i) is None}
        joined = set().union(*(stream_of.get(i, {i}) for i in parts))
        stream_of.update(dict.fromkeys(joined, joined))
    unique = {id(stream): stream for stream in stream_of.values()}.values()
    outside = {*graph.inputs, *graph.outputs}
    return [
        stream
        for stream in unique
        if stream.isdisjoint(outside)
        and all(
            _may_scale(model, operators, operator, stream, kind)
            for kind, operator in operators
            if stream & {*operator.inputs, *operator.outputs}
        )
        and stream <= {i for _, o in operators for i in o.outputs}
    ]


def _may_scale(model, operators, operator, stream, kind):
    """Whether an operator that touches a stream can be scaled with it."""
    tensors = model.subgraphs[0].tensors
    gives = not stream.isdisjoint(operator.outputs)
    if kind not in ("ADD", "CONV_2D"):
        return False
    options = operator.builtinOptions
    if gives and options.fusedActivationFunction != _LINEAR:
        return False
    if kind == "ADD":
        return stream >= {*operator.inputs, *operator.outputs}
    weights = constant(model, operator.inputs[1])
    grouped = weights is not None and (
        weights.shape[3] != tensors[operator.inputs[0]].shape[-1]
    )
    # Only what gives a stream has its bias scaled, too.
    scaled = operator.inputs[1:] if gives else operator.inputs[1:2]
    return (
        weights is not None
        and not grouped
        and len(operator.inputs) == 3
        and constant(model, operator.inputs[2]) is not None
        and all(_owners(operators, i) == 1 for i in scaled)
    )


def _owners(operators, index):
    return sum(index in operator.inputs for _, operator in operators)


def _channel_ranges(contents, indices, images):
    """Returns the largest absolute value of each channel of some tensors."""
    interpreter = keeping_interpreter(contents)
    source = interpreter.get_input_details()[0]["index"]
    ranges = dict.fromkeys(indices, 0.0)
    for image in images:
        interpreter.set_tensor(source, image[None])
        interpreter.invoke()
        for index, largest in ranges.items():
            values = np.abs(interpreter.get_tensor(index))
            values = values.reshape(-1, values.shape[-1]).max(axis=0)
            ranges[index] = np.maximum(largest, values)
    return ranges


def _scale(model, operators, stream, factors):
    for kind, operator in operators:
        if kind != "CONV_2D":
            continue
        source, weights, *bias = operator.inputs
        if source in stream:
            changed = constant(model, weights) / factors
            replace_constant(model, weights, changed)
        if operator.outputs[0] in stream:
            changed = constant(model, weights) * factors[:, None, None, None]
            replace_constant(model, weights, changed)
            changed = constant(model, bias[0]) * factors
            replace_constant(model, bias[0], changed)
