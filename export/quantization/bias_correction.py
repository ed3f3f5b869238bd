"""Takes the mean error of rounded layers out of their biases."""

import copy

import numpy as np

from kerasfg.export.quantization.value_ranges import keeping_interpreter
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked

_LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


# Of a channel that a ReLU cuts off almost everywhere, a bias moves few values,
# and would have to be changed by far too much.
_LEAST_MOVED = 0.1
# The values that a fused activation lets through, by its number in the schema:
# all, ReLU, ReLU from -1 to 1, ReLU6.
_PASSES = {0: (-np.inf, np.inf), 1: (0, np.inf), 2: (-1, 1), 3: (0, 6)}


def corrected_biases(contents, quantized, images, quantized_images=None):
    """Corrects the biases of the int8 layers of a `.tflite` file.

    Rounded weights and inputs move the mean of each channel of a layer's
    result, and the layers after it build on that. From the first layer to the
    last, the difference to the mean of the float32 file is added to the bias,
    after all layers before it were corrected; divided by the share of values
    that the layer's ReLU lets through, since only those move with a bias.
    Bytes and latency stay as they are.

    Source: Nagel et al., "Data-Free Quantization Through Weight Equalization
    and Bias Correction" (ICCV 2019), whose empirical correction compares means
    before the ReLU.

    Args:
        contents: Bytes of the float32 file.
        quantized: Bytes of the same network in int8, whose tensors have the
            same names, with all weights in the flatbuffer.
        images: Calibration pictures `(pictures, N, N, 3)`, as the float32 file
            takes them.
        quantized_images: The same, as the other file takes them. Defaults to
            `None`: alike.

    Returns:
        Bytes of the corrected file.
    """
    model = unpacked(quantized)
    graph = model.subgraphs[0]
    if quantized_images is None:
        quantized_images = images
    layers = {
        id(operator): graph.tensors[operator.outputs[0]].name.decode()
        for operator, known in zip(
            graph.operators, tflite_graph(quantized), strict=True
        )
        if known.kind in _LAYERS and _has_bias(graph, operator)
    }
    passes = {
        layers[id(operator)]: _PASSES[_activation(operator)]
        for operator in graph.operators
        if id(operator) in layers
    }
    targets = _float_means(contents, passes, images)
    values = {graph.inputs[0]: quantized_images[:, None]}
    for place, operator in enumerate(graph.operators):
        if not layers:
            break
        results = _run(model, operator, values)
        target = targets.get(layers.pop(id(operator), None))
        if target is not None:
            mean, moved = target
            index = operator.outputs[0]
            error = mean - _mean(graph.tensors[index], results[index])
            error = error / np.maximum(moved, _LEAST_MOVED)
            _add_to_bias(model, operator, error)
            results = _run(model, operator, values)
        values.update(results)
        _forget(values, graph.operators[place + 1 :])
    return packed(model)


def _has_bias(graph, operator):
    """Whether a layer is in int8, with a bias of its own."""
    from ai_edge_litert import schema_py_generated as schema

    if len(operator.inputs) < 3:
        return False
    bias, result = operator.inputs[2], operator.outputs[0]
    return (
        bias >= 0
        and _activation(operator) in _PASSES
        and graph.tensors[bias].type == schema.TensorType.INT32
        and graph.tensors[result].type == schema.TensorType.INT8
        and sum(bias in other.inputs for other in graph.operators) == 1
    )


def _activation(operator):
    return getattr(operator.builtinOptions, "fusedActivationFunction", None)


def _float_means(contents, passes, images):
    """Measures layers of a float32 file.

    Args:
        contents: Bytes of the file.
        passes: `{name of a layer's result: lowest and highest value that its
            activation lets through}`.
        images: As the file takes them.

    Returns:
        `{name: (mean of each channel, share of values let through)}`.
    """
    interpreter = keeping_interpreter(contents)
    source = interpreter.get_input_details()[0]["index"]
    indices = {
        tensor["name"]: tensor["index"]
        for tensor in interpreter.get_tensor_details()
        if tensor["name"] in passes
    }
    sums = {name: np.zeros(2, object) for name in indices}
    for image in images:
        interpreter.set_tensor(source, image[None])
        interpreter.invoke()
        for name, index in indices.items():
            values = interpreter.get_tensor(index)
            low, high = passes[name]
            moved = (values > low) & (values < high)
            sums[name][0] = sums[name][0] + _channel_means(values)
            sums[name][1] = sums[name][1] + _channel_means(moved)
    return {name: total / len(images) for name, total in sums.items()}


def _channel_means(values):
    return values.reshape(-1, values.shape[-1]).mean(axis=0, dtype="float64")


def _mean(tensor, values):
    """Returns the mean of each channel of an int8 tensor's values."""
    scale, zero = tensor.quantization.scale[0], tensor.quantization.zeroPoint[0]
    return (_channel_means(values) - zero) * scale


def _run(model, operator, values):
    """Runs one operator on each picture: `{index of its result: values}`."""
    computed = [i for i in operator.inputs if i in values]
    interpreter = keeping_interpreter(_alone(model, operator, computed))
    sources = [d["index"] for d in interpreter.get_input_details()]
    results = [d["index"] for d in interpreter.get_output_details()]
    found = {index: [] for index in operator.outputs}
    count = max((len(values[i]) for i in computed), default=1)
    for picture in range(count):
        for source, index in zip(sources, computed, strict=True):
            given = values[index]
            interpreter.set_tensor(source, given[picture % len(given)])
        interpreter.invoke()
        for result, index in zip(results, operator.outputs, strict=True):
            found[index].append(interpreter.get_tensor(result))
    return {index: np.stack(rows) for index, rows in found.items()}


def _alone(model, operator, computed):
    """Returns the bytes of a model of one operator."""
    graph = model.subgraphs[0]
    single, of_graph = copy.copy(model), copy.copy(graph)
    operator = copy.copy(operator)
    used = [i for i in (*operator.inputs, *operator.outputs) if i >= 0]
    used = list(dict.fromkeys(used))
    place = {index: number for number, index in enumerate(used)}
    single.buffers = [model.buffers[0]]
    of_graph.tensors = []
    for index in used:
        tensor = copy.copy(graph.tensors[index])
        if tensor.buffer:
            single.buffers.append(model.buffers[tensor.buffer])
            tensor.buffer = len(single.buffers) - 1
        of_graph.tensors.append(tensor)
    operator.inputs = [place.get(i, -1) for i in operator.inputs]
    operator.outputs = [place[i] for i in operator.outputs]
    of_graph.operators = [operator]
    of_graph.inputs = [place[i] for i in computed]
    of_graph.outputs = operator.outputs
    single.subgraphs = [of_graph]
    single.metadata, single.metadataBuffer = [], []
    single.signatureDefs = []
    return packed(single)


def _add_to_bias(model, operator, error):
    """Adds an error of each channel to a bias, in its integers."""
    tensor = model.subgraphs[0].tensors[operator.inputs[2]]
    buffer = model.buffers[tensor.buffer]
    bias = np.frombuffer(np.asarray(buffer.data, "uint8").tobytes(), "<i4")
    steps = np.round(error / np.asarray(tensor.quantization.scale, "float64"))
    limits = np.iinfo("int32")
    bias = np.clip(bias + steps, limits.min, limits.max).astype("<i4")
    if sum(tensor.buffer == t.buffer for t in _tensors(model)) > 1:
        # The quantizer writes equal constants once.
        tensor.buffer = len(model.buffers)
        model.buffers.append(type(buffer)())
    model.buffers[tensor.buffer].data = np.frombuffer(bias, "uint8")


def _tensors(model):
    return [tensor for graph in model.subgraphs for tensor in graph.tensors]


def _forget(values, operators):
    """Drops values that no operator takes any more."""
    needed = {index for operator in operators for index in operator.inputs}
    for index in set(values) - needed:
        del values[index]
