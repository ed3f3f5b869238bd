"""Chooses the output of a model to export."""

from kerasfg.export.inference.layer_graph import has_graph
from kerasfg.export.inference.open_question import OpenQuestion


def chosen_output(model, outputs, output_name=None):
    """Finds an output by name.

    Args:
        model: `keras.Model`.
        outputs: Outputs of the model, as Keras tensors.
        output_name: A key of the dictionary of outputs, the name of the layer
            that makes the output, or, of a list of outputs, its index as text,
            such as `"1"`. Defaults to `None`: the only output.

    Returns:
        Index into the flattened outputs.

    Raises:
        ValueError: If no output or several outputs have that name.
    """
    names = _names(model, outputs)
    known = ", ".join(repr(of_output[0]) for of_output in names)
    if output_name is None:
        places = range(len(names))
    else:
        places = [i for i, some in enumerate(names) if output_name in some]
    if len(places) == 1:
        return places[0]
    if len(names) == 1:
        raise ValueError(
            f"The only output of the model is {known}. Give that name, or "
            f"none. Received: output_name={output_name!r}"
        )
    if output_name is None:
        raise OpenQuestion(
            f"The model has {len(names)} outputs",
            "output_name",
            f"the one with the classes: {known}",
        )
    raise ValueError(
        f"The model has {len(names)} outputs; `output_name` must be one of "
        f"{known}. Received: output_name={output_name!r}"
    )


def _names(model, outputs):
    """Returns all names of each output, the clearest name first."""
    import keras

    names = []
    for i, (path, _) in enumerate(keras.tree.flatten_with_path(outputs)):
        place = ".".join(map(str, path))
        layer = None
        if has_graph(model):
            layer = model.outputs[i]._keras_history.operation.name
        has_key = any(isinstance(key, str) for key in path)
        both = (place, layer) if has_key else (layer, place)
        names.append([name for name in both if name] or ["output"])
    return names
