"""Which output of a model is exported, and how it becomes probabilities."""

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
        index: Its place among the outputs.
        kind: `"probabilities"`, or `"logits"`, which a softmax makes
            probabilities of.
    """

    index: int
    kind: str

    def apply(self, outputs):
        """Returns probabilities, of what the model gives in TensorFlow."""
        import keras

        output = keras.tree.flatten(outputs)[self.index]
        return keras.ops.softmax(output) if self.kind == "logits" else output

    def probabilities(self, outputs):
        """Returns them as a float32 NumPy array, worked out in NumPy."""
        import keras

        output = np.asarray(keras.tree.flatten(outputs)[self.index], "float32")
        if self.kind == "logits":
            powers = np.exp(output - output.max(axis=-1, keepdims=True))
            output = powers / powers.sum(axis=-1, keepdims=True)
        return output


def output_head(model, outputs, output=None, output_name=None):
    """Finds the output that is exported, and what it is.

    Args:
        model: `keras.Model`.
        outputs: What it gives, as Keras tensors.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: as the last
            layer shows. A softmax gives probabilities, and so do kerasfg's own
            models; a KerasHub classifier without an activation gives logits.
        output_name: Which output, where there are several: a key of the
            dictionary that the model gives, or the name of a layer. Defaults to
            `None`, meaning the only one.

    Returns:
        An `OutputHead`.

    Raises:
        ValueError: If there is no such output, the model does not show what it
            is, or it is no choice of one class.
    """
    import keras

    check_output(output)
    index = chosen_output(model, outputs, output_name)
    num_classes(keras.tree.flatten(outputs)[index])
    shown, reason = _shown(model, index)
    if shown == "sigmoid":
        raise ValueError(
            f"The output ends in a sigmoid, in {reason}, which says yes or no "
            "to each class by itself; the phone shows one class of several. "
            "Train the model with a softmax. Received: activation=sigmoid"
        )
    if shown == "probabilities" and output == "logits":
        raise ValueError(
            f"The output has its softmax already, in {reason}. "
            f"Received: output={output!r}"
        )
    if shown is None and output is None:
        raise ValueError(
            f"{reason} does not show whether the model gives probabilities or "
            'logits: give `output`, "probabilities" or "logits". '
            "Received: output=None"
        )
    return OutputHead(index, output or shown)


def check_output(output):
    """Raises `ValueError` unless it is one of `OUTPUTS`, or `None`."""
    if output is not None and output not in OUTPUTS:
        raise ValueError(
            '`output` must be "probabilities" or "logits". '
            f"Received: output={output!r}"
        )


def _shown(model, index):
    """What the last layer shows, and that layer in words."""
    if is_own_model(model):
        return "probabilities", f"'{model.name}' ({type(model).__name__})"
    if not has_graph(model):
        return None, "A model with a `call` of its own"
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
    """The name of a layer's activation, or of the layer that is one."""
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", type(layer).__name__)
