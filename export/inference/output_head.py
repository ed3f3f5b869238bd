"""OutputHead: the exported output and its conversion to probabilities."""

import dataclasses

import numpy as np

from kerasfg.export.inference.known_models import is_hub_classifier
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.inference.layer_graph import has_graph
from kerasfg.export.inference.layer_graph import last_operation
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.export.inference.output_choice import chosen_output
from kerasfg.export.inference.probabilities import units_of

OUTPUTS = ("probabilities", "logits")


@dataclasses.dataclass(frozen=True)
class OutputHead:
    """One output of a model.

    Attributes:
        index: Index into the flattened outputs.
        kind: `"probabilities"`, or `"logits"`, which are converted by a
            softmax, or by a sigmoid if there is one number for two classes.
        is_binary: Whether the output is one number for a picture, for the
            second of two classes. Defaults to `False`.
        num_classes: Number of classes. Defaults to `None`: not known.
    """

    index: int
    kind: str
    is_binary: bool = False
    num_classes: int | None = dataclasses.field(default=None, compare=False)

    def apply(self, outputs):
        """Returns probabilities as a TensorFlow tensor."""
        import keras

        output = keras.tree.flatten(outputs)[self.index]
        if self.is_binary:
            if self.kind == "logits":
                output = keras.ops.sigmoid(output)
            return keras.ops.concatenate([1 - output, output], axis=-1)
        return keras.ops.softmax(output) if self.kind == "logits" else output

    def probabilities(self, outputs):
        """Returns probabilities as a float32 array, computed in NumPy."""
        import keras

        output = keras.tree.flatten(outputs)[self.index]
        output = np.asarray(keras.ops.convert_to_numpy(output), "float32")
        if self.is_binary:
            zero = np.zeros_like(output)
            if self.kind == "logits":
                output = np.concatenate([zero, output], axis=-1)
            else:
                output = np.concatenate([1 - output, output], axis=-1)
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
            probabilities, and so does a sigmoid of one number, that of
            the second of two classes; a KerasHub classifier without an
            activation returns logits.
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
    units = units_of(keras.tree.flatten(outputs)[index])
    shown, layer = _shown(model, index)
    _check_activation(shown, layer, units)
    if shown is None and output is None:
        raise OpenQuestion(
            f"{layer} does not show whether the model returns probabilities "
            "or logits",
            "output",
            "probabilities or logits",
        )
    if shown is not None and output == "logits" and shown != "logits":
        raise ValueError(
            f"The output already has a {shown}, in {layer}: give `output` as "
            f"probabilities, or leave it out. Received: output={output!r}"
        )
    kind = output or ("logits" if shown == "logits" else "probabilities")
    return OutputHead(index, kind, units == 1, max(units, 2))


def _check_activation(shown, layer, units):
    """Refuses activations that do not give probabilities of classes."""
    if shown == "sigmoid" and units > 1:
        raise ValueError(
            f"The output ends in a sigmoid, in {layer}, which decides about "
            "each class separately; the phone shows one class of several. "
            "Train the model with a softmax. Received: activation=sigmoid"
        )
    if shown == "softmax" and units == 1:
        raise ValueError(
            f"The output is a softmax of one number, in {layer}, which is "
            "always 1: train the model with a sigmoid, or with one number for "
            "each class. Received: activation=softmax, units=1"
        )


def check_output(output):
    """Raises `ValueError` if `output` is not in `OUTPUTS` and not `None`."""
    if output is not None and output not in OUTPUTS:
        raise ValueError(
            '`output` must be "probabilities" or "logits". '
            f"Received: output={output!r}"
        )


def _shown(model, index):
    """Returns the activation of the output, if known, and names its layer."""
    if is_own_model(model):
        return "softmax", f"'{model.name}' ({type(model).__name__})"
    if not has_graph(model):
        return None, "A model with its own `call`"
    layer = last_operation(model.outputs[index])
    name = f"'{layer.name}' ({type(layer).__name__})"
    activation = _activation(layer)
    if activation in ("Softmax", "softmax"):
        return "softmax", name
    if activation in ("Sigmoid", "sigmoid"):
        return "sigmoid", name
    if activation == "linear" and is_hub_classifier(model):
        return "logits", name
    return None, f"The last layer, {name},"


def _activation(layer):
    """Returns the name of a layer's activation, or else of its class."""
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", type(layer).__name__)
