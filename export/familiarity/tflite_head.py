"""Removes the familiarity from a `.tflite` file and adds it to another."""

import numpy as np

from kerasfg.export.runtime.contract import FAMILIARITY
from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked
from kerasfg.export.tflite_file.pruning import needed_operators
from kerasfg.export.tflite_file.pruning import prune

_MIN_VALUES = 256  # a smaller constant is not worth an operator
_ROUNDED = {"float16": (1, 3), "int8": (9, 2)}  # type, version of DEQUANTIZE


def settle_outputs(contents):
    """Puts the probabilities first, and names the tensor of the familiarity.

    Args:
        contents: Bytes of a file of the converter, with a signature of both.
    """
    model = unpacked(contents)
    graph, (signature,) = model.subgraphs[0], model.signatureDefs
    signature.outputs.sort(key=lambda x: _text(x.name) == FAMILIARITY)
    graph.outputs = [x.tensorIndex for x in signature.outputs]
    graph.tensors[graph.outputs[1]].name = FAMILIARITY.encode()
    return packed(model)


def without_familiarity(contents):
    """Returns a file whose only output is the probabilities.

    Args:
        contents: Bytes of a `.tflite` file without metadata.

    Returns:
        Bytes of the file without the familiarity and what only that needs; the
        same bytes if it has none.
    """
    model = unpacked(contents)
    graph = model.subgraphs[0]
    place = _place(graph)
    if place is None:
        return contents
    graph.outputs = [i for i in graph.outputs if i != place]
    for signature in model.signatureDefs or ():
        signature.outputs = [
            x for x in signature.outputs if x.tensorIndex != place
        ]
    prune(model)
    return packed(model)


def with_familiarity(contents, whole, variant):
    """Adds the familiarity of a float32 file to a variant of the same network.

    It computes in float32. Its projection and class means are stored in
    float16, or in int8 if the network's weights are.

    Args:
        contents: Bytes of the network's file without the familiarity.
        whole: Bytes of the float32 file with it, whose tensors have the same
            names.
        variant: See `kerasfg.export.quantize`.

    Returns:
        Bytes of the file with both outputs.

    Raises:
        ValueError: If `contents` lacks what the familiarity is computed from.
    """
    model = unpacked(contents)
    _Joined(model, unpacked(whole), variant).add()
    return packed(model)


def _place(graph):
    """Returns the index of the tensor of the familiarity, or `None`."""
    for index in graph.outputs:
        if _text(graph.tensors[index].name) == FAMILIARITY:
            return index
    return None


class _Joined:
    """A network that takes over the operators of a familiarity."""

    def __init__(self, model, source, variant):
        from ai_edge_litert import schema_py_generated as schema

        self._schema = schema
        self._model, self._graph = model, model.subgraphs[0]
        self._source, self._from = source, source.subgraphs[0]
        self._kind = "float16" if variant == "float16" else "int8"
        self._names = {
            _text(tensor.name): index
            for index, tensor in enumerate(self._graph.tensors)
        }
        self._places = {}  # of tensors of the source in the network

    def add(self):
        """Adds the operators, the output and its name in the signature."""
        place = _place(self._from)
        others = [i for i in self._from.outputs if i != place]
        kept = needed_operators(self._from, others)
        for number, operator in enumerate(self._from.operators):
            if number not in kept:
                self._take(operator)
        place = self._places[place]
        self._graph.outputs = [*self._graph.outputs, place]
        for signature in self._model.signatureDefs or ():
            entry = self._schema.TensorMapT()
            entry.name, entry.tensorIndex = FAMILIARITY, place
            signature.outputs.append(entry)

    def _take(self, operator):
        code = self._source.operatorCodes[operator.opcodeIndex]
        dense = code.builtinCode == self._schema.BuiltinOperator.FULLY_CONNECTED
        operator.inputs = np.array(
            [self._input(int(i), dense) for i in operator.inputs], "int32"
        )
        operator.opcodeIndex = self._code(code.builtinCode, code.version)
        for index in operator.outputs:
            self._places[int(index)] = self._add(self._from.tensors[index])
        operator.outputs = np.array(
            [self._places[int(i)] for i in operator.outputs], "int32"
        )
        self._graph.operators.append(operator)

    def _input(self, index, dense):
        if index < 0 or index in self._places:
            return self._places.get(index, -1)
        tensor = self._from.tensors[index]
        data = self._source.buffers[tensor.buffer].data
        if data is not None and len(data):
            large = dense and len(data) >= 4 * _MIN_VALUES
            place = self._rounded(tensor, data) if large else None
            place = self._add(tensor, data) if place is None else place
        else:
            place = self._of_network(_text(tensor.name))
        self._places[index] = place
        return place

    def _of_network(self, name):
        """Returns the place of a tensor of the network, as float32."""
        place = self._names.get(name)
        if place is None:
            raise ValueError(
                "The familiarity is computed from what the float32 network "
                f"has. Received: no {name} in the quantized one"
            )
        tensor = self._graph.tensors[place]
        if tensor.type == self._schema.TensorType.FLOAT32:
            return place
        codes = self._model.operatorCodes
        for operator in self._graph.operators:
            code = codes[operator.opcodeIndex].builtinCode
            if (
                code == self._schema.BuiltinOperator.DEQUANTIZE
                and operator.inputs[0] == place
            ):
                return int(operator.outputs[0])
        return self._dequantized(place, name, 2)

    def _rounded(self, tensor, data):
        """Adds a constant in fewer bits; `None` if it does not fit."""
        values = np.asarray(data, "uint8").view("<f4").reshape(tensor.shape)
        largest = float(np.abs(values).max())
        kind, version = _ROUNDED[self._kind]
        quantization = self._schema.QuantizationParametersT()
        if self._kind == "float16":
            if largest > np.finfo("float16").max:
                return None
            stored = values.astype("<f2")
        else:
            scale = np.float32(max(largest, 1e-12) / 127)
            stored = np.round(values / scale).astype("int8")
            quantization.scale = np.array([scale], "float32")
            quantization.zeroPoint = np.array([0], "int64")
        name = _text(tensor.name)
        tensor.type, tensor.quantization = kind, quantization
        tensor.name = f"{name}/{self._kind}".encode()
        place = self._add(tensor, np.frombuffer(stored.tobytes(), "uint8"))
        return self._dequantized(place, name, version)

    def _dequantized(self, place, name, version):
        """Adds an operator that makes a tensor float32; returns its place."""
        tensor = self._schema.TensorT()
        tensor.shape = self._graph.tensors[place].shape
        tensor.name = f"{name}/float32".encode()
        tensor.type = self._schema.TensorType.FLOAT32
        result = self._add(tensor)
        operator = self._schema.OperatorT()
        kind = self._schema.BuiltinOperator.DEQUANTIZE
        operator.opcodeIndex = self._code(kind, version)
        operator.inputs = np.array([place], "int32")
        operator.outputs = np.array([result], "int32")
        self._graph.operators.append(operator)
        return result

    def _add(self, tensor, data=None):
        """Adds a tensor, and its buffer if it is a constant."""
        tensor.buffer = 0
        if data is not None:
            tensor.buffer = len(self._model.buffers)
            self._model.buffers.append(self._schema.BufferT(data=data))
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _code(self, kind, version):
        """Returns the number of a kind of operator, which is added if new."""
        for number, code in enumerate(self._model.operatorCodes):
            if (code.builtinCode, code.version) == (kind, version):
                return number
        code = self._schema.OperatorCodeT()
        code.builtinCode, code.version = kind, version
        code.deprecatedBuiltinCode = min(kind, 127)
        self._model.operatorCodes.append(code)
        return len(self._model.operatorCodes) - 1


def _text(name):
    return name.decode() if isinstance(name, bytes) else name
