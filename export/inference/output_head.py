"""OutputHead: the exported output and its conversion to probabilities."""

import dataclasses

import numpy as np

from kerasfg.export.inference.known_models import is_hub_classifier
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.inference.layer_graph import has_graph
from kerasfg.export.inference.layer_graph import last_operation
from kerasfg.export.inference.output_choice import chosen_output
from kerasfg.export.inference.probabilities import num_classes

OUTPUTS = ("probabilities", "logits")


@dataclasses.dataclass(frozen=True)
class OutputHead:
    """One output of a model.

    Attributes:
        index: Index into the flattened outputs.
        kind: `"probabilities"`, or `"logits"`, which are converted by a
            softmax.
    """

    index: int
    kind: str

    def apply(self, outputs):
        """Returns probabilities as a TensorFlow tensor."""
        import keras

        output = keras.tree.flatten(outputs)[self.index]
        return keras.ops.softmax(output) if self.kind == "logits" else output

    def probabilities(self, outputs):
        """Returns probabilities as a float32 array, computed in NumPy."""
        import keras

        output = np.asarray(keras.tree.flatten(outputs)[self.index], "float32")
        if self.kind == "logits":
            powers = np.exp(output - output.max(axis=-1, keepdims=True))
            output = powers / powers.sum(axis=-1, keepdims=True)
        return output


def output_head(model, outputs, output=None, output_name=None):
    """Finds the output to export, and whether it is logits.

    Args:
        model: `keras.Model`.
        outputs: Outputs of the model, as Keras tensors.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: found from
            the last layer. A softmax and kerasfg's own models return
            probabilities; a KerasHub classifier without an activation returns
            logits.
        output_name: The output to export if there are several: a key of the
            dictionary of outputs, or the name of a layer. Defaults to `None`:
            the only output.

    Returns:
        An `OutputHead`.

    Raises:
        ValueError: If there is no such output, if it cannot be found out
            whether it is logits, or if it is not one number per class.
    """
    import keras

    check_output(output)
    index = chosen_output(model, outputs, output_name)
    num_classes(keras.tree.flatten(outputs)[index])
    shown, reason = _shown(model, index)
    if shown == "sigmoid":
        raise ValueError(
            f"The output ends in a sigmoid, in {reason}, which decides about "
            "each class separately; the phone shows one class of several. "
            "Train the model with a softmax. Received: activation=sigmoid"
        )
    if shown == "probabilities" and output == "logits":
        raise ValueError(
            f"The output already has a softmax, in {reason}: give "
            f'output="probabilities", or none. Received: output={output!r}'
        )
    if shown is None and output is None:
        raise ValueError(
            f"{reason} does not show whether the model returns probabilities "
            'or logits: give `output`, "probabilities" or "logits". '
            "Received: output=None"
        )
    return OutputHead(index, output or shown)


def check_output(output):
    """Raises `ValueError` if `output` is not in `OUTPUTS` and not `None`."""
    if output is not None and output not in OUTPUTS:
        raise ValueError(
            '`output` must be "probabilities" or "logits". '
            f"Received: output={output!r}"
        )


def _shown(model, index):
    """Returns the kind of the output, or `None`, and a text on the layer."""
    if is_own_model(model):
        return "probabilities", f"'{model.name}' ({type(model).__name__})"
    if not has_graph(model):
        return None, "A model with its own `call`"
    layer = last_operation(model.outputs[index])
    name = f"'{layer.name}' ({type(layer).__name__})"
    activation = _activation(layer)
    if activation in ("Softmax", "softmax"):
        return "probabilities", name
    if activation in ("Sigmoid", "sigmoid"):
        return "sigmoid", name
    if activation == "linear" and is_hub_classifier(model):
        return "logits", name
    return None, f"The last layer, {name},"


def _activation(layer):
    """Returns the name of a layer's activation, or else of its class."""
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", type(layer).__name__)
