"""tf2onnx made to convert a network in the same way each time."""

import contextlib


@contextlib.contextmanager
def repeatable():
    """Makes tf2onnx's result follow from the network alone, inside a `with`.

    It numbers names with one counter per process, and walks through sets of
    names and nodes, on whose order it depends which transpositions it removes
    and which of two equal nodes it keeps.
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
