"""Reads and replaces constants of a `.tflite` file as objects."""

import numpy as np

_TYPES = {0: "<f4", 2: "<i4", 9: "i1"}  # by the number in the schema


def constant(model, index):
    """Returns a constant as an array.

    Args:
        model: `ModelT` of the schema, with all weights in the flatbuffer.
        index: Of a tensor in its first graph.

    Returns:
        Array of float32, int32 or int8. `None` if the tensor is computed, left
        out (-1) or of another type.
    """
    if index < 0:
        return None
    tensor = model.subgraphs[0].tensors[index]
    data = model.buffers[tensor.buffer].data
    if data is None or not len(data) or tensor.type not in _TYPES:
        return None
    data = np.asarray(data, "uint8").tobytes()
    return np.frombuffer(data, _TYPES[tensor.type]).reshape(tensor.shape)


def replace_constant(model, index, values):
    """Gives a constant other values, in place.

    Args:
        model: `ModelT` of the schema.
        index: Of a tensor in its first graph. Only this one changes, even if
            equal constants are stored once.
        values: Array of its shape and type.
    """
    tensor = model.subgraphs[0].tensors[index]
    tensors = [t for graph in model.subgraphs for t in graph.tensors]
    if sum(tensor.buffer == other.buffer for other in tensors) > 1:
        kind = type(model.buffers[tensor.buffer])
        tensor.buffer = len(model.buffers)
        model.buffers.append(kind())
    values = np.ascontiguousarray(values, _TYPES[tensor.type])
    model.buffers[tensor.buffer].data = np.frombuffer(values.tobytes(), "uint8")
