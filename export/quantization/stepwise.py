"""Runs a `.tflite` file operator by operator."""

import copy

import numpy as np

from kerasfg.export.quantization.value_ranges import keeping_interpreter
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked


class Stepwise:
    """A network that runs operator by operator, on all pictures at once.

    Args:
        contents: Bytes of the `.tflite` file, with all weights in the
            flatbuffer.
        images: Pictures `(pictures, N, N, 3)`, as the file takes them.

    Attributes:
        model: `ModelT` of the schema. A change affects operators that have
            not run yet.
        operators: List of kind and operator of the schema.
        values: `{index of a tensor: array (pictures, 1, ...)}` of the inputs
            of operators that have not run yet.
    """

    def __init__(self, contents, images):
        self.model = unpacked(contents)
        self._graph = self.model.subgraphs[0]
        kinds = [operator.kind for operator in tflite_graph(contents)]
        self.operators = list(zip(kinds, self._graph.operators, strict=True))
        self.values = {self._graph.inputs[0]: images[:, None]}
        self._place = 0

    def tensor(self, index):
        """Returns the tensor of the schema at an index."""
        return self._graph.tensors[index]

    def name(self, operator):
        """Returns the name of an operator's first result."""
        return self.tensor(operator.outputs[0]).name.decode()

    def results(self):
        """Runs the next operator: `{index of its result: values}`.

        It stays the next one until `advance`.
        """
        _, operator = self.operators[self._place]
        computed = [i for i in operator.inputs if i in self.values]
        interpreter = keeping_interpreter(
            _alone(self.model, operator, computed)
        )
        sources = [d["index"] for d in interpreter.get_input_details()]
        results = [d["index"] for d in interpreter.get_output_details()]
        found = {index: [] for index in operator.outputs}
        count = max((len(self.values[i]) for i in computed), default=1)
        for picture in range(count):
            for source, index in zip(sources, computed, strict=True):
                given = self.values[index]
                interpreter.set_tensor(source, given[picture % len(given)])
            interpreter.invoke()
            for result, index in zip(results, operator.outputs, strict=True):
                found[index].append(interpreter.get_tensor(result))
        return {index: np.stack(rows) for index, rows in found.items()}

    def advance(self, results):
        """Takes the results of the next operator and goes on to the one after.

        Args:
            results: As `results` returns them.
        """
        self._place += 1
        self.values.update(results)
        needed = {i for _, x in self.operators[self._place :] for i in x.inputs}
        for index in set(self.values) - needed:
            del self.values[index]

    def run_to(self, name):
        """Runs the operators up to the one whose output has this name."""
        while self.name(self.operators[self._place][1]) != name:
            self.advance(self.results())


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
