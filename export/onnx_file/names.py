"""Gives an ONNX graph repeatable names."""

import collections
import re

from kerasfg.export.onnx_file.order import bodies
from kerasfg.export.onnx_file.order import outer_values
from kerasfg.export.onnx_file.order import sort_nodes


def settle_names(proto, name):
    """Orders and names everything in a model of tf2onnx, in place.

    tf2onnx writes nodes in an order that varies, numbers them, and keeps the
    name of the traced function. Here a node comes after those that it depends
    on. It keeps the path of its Keras layer as its name, such as `a/b`; a
    second node of the same path is `a/b__2`. The results of `a/b` are `a/b:0`
    and so on, its constants `a/b/input_1`.

    Args:
        proto: `onnx.ModelProto`.
        name: Name for the graph.
    """
    graph = proto.graph
    sort_nodes(graph)
    kept = [value.name for value in (*graph.input, *graph.output)]
    _settle(graph, {value: value for value in kept}, "")
    graph.name = name
    domains = {domain for domain in _domains(graph)} | {""}
    for i in reversed(range(len(proto.opset_import))):
        if proto.opset_import[i].domain not in domains:
            del proto.opset_import[i]


def _settle(graph, names, prefix):
    """Names a sorted graph; `names` maps outer values to their new names."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    counts = collections.Counter()
    for node in graph.node:
        base = _base(node)
        counts[base] += 1
        number = f"__{counts[base]}" if counts[base] > 1 else ""
        node.name = f"{prefix}{base}{number}"
        node.ClearField("doc_string")
        if not node.domain:  # an empty domain would change the bytes
            node.ClearField("domain")
        for i, value in enumerate([*node.input, *outer_values(node)]):
            if value in constants:
                names.setdefault(value, f"{node.name}/input_{i}")
        for i, value in enumerate(node.output):
            if value:
                names.setdefault(value, f"{node.name}:{i}")
        _rename(node.input, names)
        _rename(node.output, names)
        for i, body in enumerate(bodies(node)):
            _settle_body(body, dict(names), f"{node.name}/{i}/")
    for i, value in enumerate(graph.output):
        if value.name in constants:
            names.setdefault(value.name, f"{prefix}output_{i}")
    _replace_constants(graph, constants, names)
    del graph.value_info[:]
    graph.ClearField("doc_string")


def _base(node):
    """Returns a node's name without numbers that depend on earlier traces."""
    name = re.sub(r"__\d+", "", node.name)
    return node.op_type if not name or "_frozen_" in name else name


def _settle_body(body, names, prefix):
    """Names the body of a loop, or a branch of a condition."""
    for i, value in enumerate(body.input):
        names[value.name] = f"{prefix}input_{i}"
    _settle(body, names, prefix)
    for value in (*body.input, *body.output):
        value.name = names[value.name]
    body.name = prefix.rstrip("/")


def _rename(values, names):
    for i, value in enumerate(values):
        values[i] = names.get(value, value)


def _replace_constants(graph, constants, names):
    """Sorts the constants by first use, and removes unused ones."""
    del graph.initializer[:]
    for old, new in names.items():
        if old in constants:
            graph.initializer.append(constants[old])
            graph.initializer[-1].name = new


def _domains(graph):
    for node in graph.node:
        yield node.domain
        for body in bodies(node):
            yield from _domains(body)
