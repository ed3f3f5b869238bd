"""Corrects what rounding changes in int8 layers, layer by layer."""

import numpy as np

from kerasfg.export.quantization.constants import constant
from kerasfg.export.quantization.constants import replace_constant
from kerasfg.export.quantization.layer_inputs import layer_inputs
from kerasfg.export.quantization.stepwise import Stepwise
from kerasfg.export.quantization.weight_rounding import refitted_weights
from kerasfg.export.quantization.weight_rounding import rounded_weights
from kerasfg.export.tflite_file.model_object import packed

_LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
# Of a channel that a ReLU cuts off almost everywhere, a bias moves few values,
# and would have to be changed by far too much.
_LEAST_MOVED = 0.1
# Time grows with the cube of the inputs: minutes for the 8,192 of compact
# bilinear pooling, and hours, in tens of GB, for a dense layer on a whole map.
# That one has far more inputs than samples: fitting would change little.
_MOST_INPUTS = 8192
# The values that a fused activation lets through, by its number in the schema:
# all, ReLU, ReLU from -1 to 1, ReLU6.
_PASSES = {0: (-np.inf, np.inf), 1: (0, np.inf), 2: (-1, 1), 3: (0, 6)}


def corrected_layers(contents, quantized, images, quantized_images=None):
    """Corrects weights and biases of the int8 layers of a `.tflite` file.

    Layers are corrected from the first to the last, each with the inputs that
    it gets from the layers already corrected. Its weights are fitted to these
    inputs and rounded again, so that the errors of the roundings cancel out in
    the results (`weight_rounding`), unless they have thousands of inputs. Then
    the difference between each channel's mean and that in the float32 file is
    added to the bias, divided by the share of values that the layer's ReLU lets
    through, since only those move with a bias. Scales, bytes and latency stay
    as they are.

    Sources: Frantar et al., "GPTQ" (ICLR 2023), for the weights; Nagel et al.,
    "Data-Free Quantization Through Weight Equalization and Bias Correction"
    (ICCV 2019), for the biases.

    Args:
        contents: Bytes of the float32 file.
        quantized: Bytes of the same network in int8, whose tensors have the
            same names, with all weights in the flatbuffer.
        images: Calibration pictures `(pictures, N, N, 3)`, as the float32 file
            takes them.
        quantized_images: The same, as the other file takes them. Defaults to
            `None`: `images`.

    Returns:
        Bytes of the corrected file.
    """
    if quantized_images is None:
        quantized_images = images
    exact = Stepwise(contents, images)
    rounded = Stepwise(quantized, quantized_images)
    sources = {
        exact.name(operator): operator for _, operator in exact.operators
    }
    layers = {
        id(operator)
        for kind, operator in rounded.operators
        if kind in _LAYERS
        and rounded.name(operator) in sources
        and _has_bias(rounded, operator)
    }
    for kind, operator in rounded.operators:
        if not layers:
            break
        if id(operator) in layers:
            layers.remove(id(operator))
            exact.run_to(rounded.name(operator))
            source = sources[rounded.name(operator)]
            _round_weights(exact, source, rounded, operator, kind)
            _correct_bias(exact, source, rounded, operator)
        rounded.advance(rounded.results())
    return packed(rounded.model)


def _has_bias(network, operator):
    """Whether a layer is in int8, with a bias of its own."""
    from ai_edge_litert import schema_py_generated as schema

    if len(operator.inputs) < 3 or operator.inputs[2] < 0:
        return False
    bias, result = operator.inputs[2], operator.outputs[0]
    return (
        _activation(operator) in _PASSES
        and network.tensor(bias).type == schema.TensorType.INT32
        and network.tensor(result).type == schema.TensorType.INT8
        and sum(bias in other.inputs for _, other in network.operators) == 1
    )


def _activation(operator):
    return getattr(operator.builtinOptions, "fusedActivationFunction", None)


def _round_weights(exact, source, rounded, operator, kind):
    """Rounds the weights anew, for the inputs that the int8 layer has."""
    weights = constant(exact.model, source.inputs[1])
    before = constant(rounded.model, operator.inputs[1])
    entries = exact.values[source.inputs[0]]
    depthwise = kind == "DEPTHWISE_CONV_2D"
    if (
        weights is None
        or before is None
        or before.dtype != np.int8
        or sum(operator.inputs[1] in x.inputs for _, x in rounded.operators) > 1
        # of groups, or with several outputs for a channel
        or (weights.ndim == 4 and weights.shape[3] != entries.shape[-1])
    ):
        return
    by_output = _by_output(weights, depthwise).astype("float64")
    if by_output.shape[2] > _MOST_INPUTS:
        return
    tensor = rounded.tensor(operator.inputs[0])
    scale, zero = tensor.quantization.scale[0], tensor.quantization.zeroPoint[0]
    integers = rounded.values[operator.inputs[0]]
    wanted = layer_inputs(entries, source, weights.shape, 0, depthwise)
    found = layer_inputs(integers, operator, weights.shape, zero, depthwise)
    found = (found.astype("float32") - np.float32(zero)) * np.float32(scale)
    steps = rounded.tensor(operator.inputs[1]).quantization.scale
    outputs = by_output.shape[0] if depthwise else by_output.shape[1]
    steps = np.broadcast_to(np.asarray(steps, "float64"), (outputs,))
    steps = steps.reshape((-1, 1, 1) if depthwise else (1, -1, 1))
    # What all inputs have in common the bias corrects.
    found -= found.mean(axis=1, keepdims=True)
    wanted = wanted - wanted.mean(axis=1, keepdims=True) - found
    covariance = _covariance(found, found)
    # A few samples do not represent other pictures.
    few = found.shape[2] / found.shape[1]
    fitted = refitted_weights(
        by_output, covariance, _covariance(found, wanted), 0.1 + 3 * few
    )
    new = rounded_weights(fitted / steps, covariance, 0.01 + few)
    new = new[:, 0].T if depthwise else new[0]
    replace_constant(
        rounded.model, operator.inputs[1], new.reshape(before.shape)
    )


def _covariance(first, second):
    """Returns the mean products of inputs, `(groups, inputs, inputs)`."""
    if len(first) == 1:
        product = (first[0].T @ second[0])[None]
    else:  # in many small products the threads of BLAS wait for each other
        product = np.einsum("gsi,gsj->gij", first, second)
    return product / first.shape[1]


def _by_output(weights, depthwise):
    """Returns weights as `(groups, outputs, inputs)`."""
    if depthwise:
        return weights.reshape(-1, weights.shape[3]).T[:, None]
    return weights.reshape(1, len(weights), -1)


def _correct_bias(exact, source, rounded, operator):
    """Adds to a bias what the means of the results lack."""
    results = exact.results()
    exact.advance(results)
    (values,) = results.values()
    low, high = _PASSES[_activation(operator)]
    moved = _channel_means((values > low) & (values < high))
    (found,) = rounded.results().values()
    tensor = rounded.tensor(operator.outputs[0])
    scale, zero = tensor.quantization.scale[0], tensor.quantization.zeroPoint[0]
    error = _channel_means(values) - (_channel_means(found) - zero) * scale
    error = error / np.maximum(moved, _LEAST_MOVED)
    bias = operator.inputs[2]
    step = np.asarray(rounded.tensor(bias).quantization.scale, "float64")
    new = constant(rounded.model, bias) + np.round(error / step)
    limits = np.iinfo("int32")
    new = np.clip(new, limits.min, limits.max)
    replace_constant(rounded.model, bias, new)


def _channel_means(values):
    return values.reshape(-1, values.shape[-1]).mean(axis=0, dtype="float64")
