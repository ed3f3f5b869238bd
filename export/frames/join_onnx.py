"""Joins two `.onnx` files: the second takes the output of the first."""

from kerasfg.export.onnx_file.names import settle_names

_PREFIX = "shrink/"


def join_onnx(first, second):
    """Puts a graph before a classifier.

    The second file begins with a cast of its uint8 input to float32. The first
    one takes the place of that cast.

    Args:
        first: Bytes of a file with one input and one float32 output.
        second: Bytes of a classifier of the same operator set.

    Returns:
        Bytes of the joined file, determined by the arguments.

    Raises:
        ValueError: If the second does not begin with such a cast.
    """
    import onnx

    front = onnx.load_model_from_string(first)
    proto = onnx.load_model_from_string(second)
    graph, before = proto.graph, front.graph
    (source,) = graph.input
    cast = _only_cast(graph, source.name)
    names = {
        before.input[0].name: source.name,
        before.output[0].name: cast.output[0],
    }
    _rename(before, names)
    source.type.CopyFrom(before.input[0].type)
    nodes = [*before.node, *(node for node in graph.node if node != cast)]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(before.initializer)
    settle_names(proto, graph.name)
    onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString(deterministic=True)


def _only_cast(graph, source):
    """Returns the one node that takes the input, which is a cast."""
    readers = [node for node in graph.node if source in node.input]
    if [node.op_type for node in readers] != ["Cast"]:
        raise ValueError(
            "A file that is to take frames must begin with one cast of its "
            "pixels to float32, as `kerasfg.export` writes it. "
            f"Received: {len(readers)} operators that read the input"
        )
    return readers[0]


def _rename(graph, names):
    """Gives everything in a graph the names that it has in the joined one."""

    def new(name):
        return names.get(name, f"{_PREFIX}{name}") if name else name

    for node in graph.node:
        node.name = f"{_PREFIX}{node.name}"
        node.input[:] = [new(name) for name in node.input]
        node.output[:] = [new(name) for name in node.output]
    for tensor in graph.initializer:
        tensor.name = new(tensor.name)
