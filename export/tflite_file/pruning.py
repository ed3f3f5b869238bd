"""Removes from a `.tflite` file what its outputs do not need."""

import numpy as np


def needed_operators(graph, outputs):
    """Returns the positions of the operators that some tensors depend on.

    Args:
        graph: `SubGraphT` of the schema.
        outputs: Indices of tensors.

    Returns:
        Set of positions in `graph.operators`.
    """
    needed, found = {int(i) for i in outputs}, set()
    for number in reversed(range(len(graph.operators))):
        operator = graph.operators[number]
        if needed & {int(i) for i in operator.outputs}:
            found.add(number)
            needed.update(int(i) for i in operator.inputs)
    return found


def prune(model):
    """Removes unused operators, tensors, buffers and codes, in place.

    Args:
        model: `ModelT` of the schema. Only its first graph is pruned.
    """
    graph = model.subgraphs[0]
    needed = needed_operators(graph, graph.outputs)
    graph.operators = [
        operator
        for number, operator in enumerate(graph.operators)
        if number in needed
    ]
    _prune_tensors(model, graph)
    _prune_buffers(model)
    _prune_codes(model)


def _prune_tensors(model, graph):
    used = {*map(int, graph.inputs), *map(int, graph.outputs)}
    for operator in graph.operators:
        used.update(int(i) for i in (*operator.inputs, *operator.outputs))
    places = {old: new for new, old in enumerate(sorted(used - {-1}))}
    graph.tensors = [graph.tensors[old] for old in places]
    graph.inputs = _renumbered(graph.inputs, places)
    graph.outputs = _renumbered(graph.outputs, places)
    for operator in graph.operators:
        operator.inputs = _renumbered(operator.inputs, places)
        operator.outputs = _renumbered(operator.outputs, places)
    for signature in model.signatureDefs or ():
        for entry in (*signature.inputs, *signature.outputs):
            entry.tensorIndex = places[entry.tensorIndex]


def _prune_buffers(model):
    tensors = [x for graph in model.subgraphs for x in graph.tensors]
    metadata = model.metadata or ()
    used = {0, *(x.buffer for x in (*tensors, *metadata))}
    used.update(int(i) for i in model.metadataBuffer or ())
    places = {old: new for new, old in enumerate(sorted(used))}
    model.buffers = [model.buffers[old] for old in places]
    for each in (*tensors, *metadata):
        each.buffer = places[each.buffer]
    if model.metadataBuffer is not None and len(model.metadataBuffer):
        model.metadataBuffer = _renumbered(model.metadataBuffer, places)


def _prune_codes(model):
    operators = [x for graph in model.subgraphs for x in graph.operators]
    used = sorted({x.opcodeIndex for x in operators})
    places = {old: new for new, old in enumerate(used)}
    model.operatorCodes = [model.operatorCodes[old] for old in used]
    for operator in operators:
        operator.opcodeIndex = places[operator.opcodeIndex]


def _renumbered(numbers, places):
    return np.array([places.get(int(x), -1) for x in numbers], "int32")
