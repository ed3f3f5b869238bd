"""Sorts the nodes of an ONNX graph in a repeatable order."""


def sort_nodes(graph):
    """Sorts the nodes of a graph, and of loops and conditions in it, in place.

    A node comes after its inputs, which come in the order of its arguments.
    Nodes that no output needs are removed.

    Args:
        graph: `onnx.GraphProto`.
    """
    for node in graph.node:
        for body in bodies(node):
            sort_nodes(body)
    _settle_copies(graph)
    nodes = list(graph.node)
    makers = {
        value: i
        for i, node in enumerate(nodes)
        for value in node.output
        if value  # an output that is left out has no name
    }
    needs = [
        [makers[x] for x in (*node.input, *outer_values(node)) if x in makers]
        for node in nodes
    ]
    ends = [makers[x.name] for x in graph.output if x.name in makers]
    del graph.node[:]
    graph.node.extend(nodes[i] for i in _after_needs(needs, ends))


def bodies(node):
    """Returns the graphs inside a node: those of a loop or a condition."""
    graphs = []
    for attribute in node.attribute:
        if attribute.HasField("g"):
            graphs.append(attribute.g)
        graphs += attribute.graphs
    return graphs


def outer_values(node):
    """Returns the values that the graphs inside a node take from outside."""
    found = {}
    for body in bodies(node):
        inside = {x.name for x in (*body.input, *body.initializer)}
        inside.update(value for x in body.node for value in x.output)
        used = [
            value for x in body.node for value in (*x.input, *outer_values(x))
        ]
        used += [x.name for x in body.output]
        found.update((x, None) for x in used if x and x not in inside)
    return list(found)


def _settle_copies(graph):
    """Makes a value, not its copy, the first of two equal outputs.

    If a loop both keeps and collects a value, tf2onnx copies it for either.
    """
    places = {value.name: i for i, value in enumerate(graph.output)}
    for node in graph.node:
        if node.op_type != "Identity":
            continue
        source, copy = node.input[0], node.output[0]
        first, second = places.get(copy), places.get(source)
        if None not in (first, second) and first < second:
            graph.output[first].name = source
            graph.output[second].name = copy
            places[source], places[copy] = first, second


def _after_needs(needs, ends):
    """Returns `ends` and all that they need, each once and after its needs."""
    order, done = [], set()
    waiting = list(reversed(ends))
    while waiting:
        missing = [i for i in needs[waiting[-1]] if i not in done]
        if missing:
            waiting += reversed(missing)
            continue
        i = waiting.pop()
        if i not in done:
            done.add(i)
            order.append(i)
    return order
