"""Lists the TensorFlow operators of a traced function and their layers."""

import re


class TracedOperators:
    """The operators of a function, with the layers that contain them.

    Only operators that outputs depend on, or that have side effects, such as
    an assignment, are listed. Converters leave out the others.

    Args:
        concrete: Concrete `tf.function`.
        model: The `keras.Model` that the function calls.
    """

    def __init__(self, concrete, model):
        self._layers = {
            layer.name: type(layer).__name__
            for layer in model._flatten_layers()
        }
        self._found = list(_reached(concrete))

    @property
    def names(self):
        """Set of the operators' names, such as `"Conv2D"`."""
        return {node.op for _, node in self._found}

    def places(self, operators):
        """Describes which layers contain operators.

        Args:
            operators: Names such as `"IRFFT"`.

        Returns:
            A string such as `"IRFFT in layer 'sketch' (Fourier)"`.
        """
        places = [
            f"{node.op} in {self._layer_of(path)}"
            for path, node in self._found
            if node.op in operators
        ]
        return "; ".join(dict.fromkeys(places)) or ", ".join(sorted(operators))

    def _layer_of(self, path):
        scopes = path.split("/")[:-1]
        for scope in reversed(scopes):
            # Keras enters the scope of layer "sketch" twice, to build and to
            # call the layer. TensorFlow names the second scope "sketch_1".
            for name in (re.sub(r"_\d+$", "", scope), scope):
                if name in self._layers:
                    return f"layer '{name}' ({self._layers[name]})"
        return f"'{path}'"


def _reached(concrete):
    """Yields `(path, node)`; paths in the body of a loop contain the loop."""
    definition = concrete.graph.as_graph_def()
    functions = {x.signature.name: x for x in definition.library.function}
    roots = [output.op.name for output in concrete.outputs]
    roots += [operation.name for operation in concrete.graph.control_outputs]
    waiting = [("", node) for node in _needed(definition.node, roots)]
    while waiting:
        path, node = waiting.pop(0)
        yield path + node.name, node
        for name in _called(node):
            inside = f"{path}{node.name}/"
            waiting += [(inside, x) for x in functions[name].node_def]


def _needed(nodes, roots):
    """Returns the nodes that `roots` depend on, in their order."""
    by_name = {node.name: node for node in nodes}
    needed, waiting = set(), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            inputs = by_name[name].input
            waiting += [x.lstrip("^").partition(":")[0] for x in inputs]
    return [node for node in nodes if node.name in needed]


def _called(node):
    """Yields the names of the functions that a node calls."""
    for attribute in node.attr.values():
        for function in (attribute.func, *attribute.list.func):
            if function.name:
                yield function.name
