"""The same names in an ONNX graph, whatever was converted before it."""

import re


def settle_names(proto, name):
    """Renames everything in a model of tf2onnx, in place.

    tf2onnx numbers its nodes with one counter per process, walks through sets,
    and writes the name of the traced function. Here the names come from the
    graph alone, so that the same network gives the same bytes. Nodes keep the
    path of their Keras layer. A graph with loops keeps the names it has, since
    the body of a loop refers to names outside it.

    Args:
        proto: `onnx.ModelProto`.
        name: Name for the graph.
    """
    graph = proto.graph
    if not any(a.g.node for node in graph.node for a in node.attribute):
        constants = {tensor.name: tensor for tensor in graph.initializer}
        names = _new_names(graph, constants)
        for node in graph.node:
            _rename(node.input, names)
            _rename(node.output, names)
        _replace_constants(graph, constants, names)
    del graph.value_info[:]
    graph.name, graph.doc_string = name, ""
    domains = {node.domain for node in graph.node} | {""}
    for i in reversed(range(len(proto.opset_import))):
        if proto.opset_import[i].domain not in domains:
            del proto.opset_import[i]


def _new_names(graph, constants):
    """Names the nodes; returns {old: new} of values, in order of first use."""
    kept = {value.name for value in (*graph.input, *graph.output)}
    taken = set(kept)
    names = {}
    for node in graph.node:
        node.name = _free(re.sub(r"__\d+$", "", node.name), taken)
        for i, value in enumerate(node.input):
            if value in constants:
                names.setdefault(value, f"{node.name}/input_{i}")
        for i, value in enumerate(node.output):
            if value and value not in kept:
                names[value] = f"{node.name}:{i}"
    return names


def _free(name, taken):
    base, number = name, 2
    while name in taken:
        name, number = f"{base}__{number}", number + 1
    taken.add(name)
    return name


def _rename(values, names):
    for i, value in enumerate(values):
        values[i] = names.get(value, value)


def _replace_constants(graph, constants, names):
    """Puts the constants in order of first use; unused ones go."""
    ordered = []
    for old, new in names.items():
        if old in constants:
            tensor = type(constants[old])()
            tensor.CopyFrom(constants[old])
            tensor.name = new
            ordered.append(tensor)
    del graph.initializer[:]
    graph.initializer.extend(ordered)
