"""Additions to tf2onnx: the error function, and repeatable results."""

import contextlib

import numpy as np


def erfc_handlers():
    """Returns tf2onnx's `custom_op_handlers` for `Erfc`.

    Keras computes the exact GELU with it. `erfc(x) = 1 - erf(x)`.
    """
    return {"Erfc": (_one_minus_erf, [])}


def _one_minus_erf(context, node, name, _):
    from tf2onnx.utils import make_name

    (output,) = node.output
    shape, dtype = context.get_shape(output), context.get_dtype(output)
    erf = context.make_node("Erf", [node.input[0]]).output[0]
    one = context.make_const(make_name("one"), np.float32(1)).output[0]
    context.remove_node(node.name)
    context.make_node(
        "Sub",
        [one, erf],
        outputs=[output],
        shapes=[shape],
        dtypes=[dtype],
        name=name,
    )


@contextlib.contextmanager
def repeatable():
    """Makes the result of tf2onnx depend only on the network, inside a `with`.

    tf2onnx numbers names with one counter per process, and iterates over sets
    of names and nodes, whose order decides which transpositions it removes and
    which of two equal nodes it keeps.
    """
    from tf2onnx import utils
    from tf2onnx.graph import Graph

    find, extract = Graph.find_output_consumers, Graph.extract_sub_graph_nodes
    count = utils.INTERNAL_NAME

    def find_in_order(self, *args, **kwargs):
        return sorted(find(self, *args, **kwargs), key=lambda node: node.name)

    def extract_in_order(self, *args, **kwargs):
        found = {id(node) for node in extract(self, *args, **kwargs)}
        return [node for node in self.get_nodes() if id(node) in found]

    try:
        utils.INTERNAL_NAME = 1
        Graph.find_output_consumers = find_in_order
        Graph.extract_sub_graph_nodes = extract_in_order
        yield
    finally:
        utils.INTERNAL_NAME = count
        Graph.find_output_consumers = find
        Graph.extract_sub_graph_nodes = extract
