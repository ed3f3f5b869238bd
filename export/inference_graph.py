"""The function that every format is made from."""

import dataclasses
from collections.abc import Callable

import numpy as np

from kerasfg.export.float32 import in_float32

INPUT = "image"
OUTPUT = "probabilities"


@dataclasses.dataclass(frozen=True, eq=False)
class InferenceGraph:
    """A classifier as the phone calls it: one picture in, probabilities out.

    Attributes:
        model: The `keras.Model`, in float32.
        function: `tf.function` from `image`, uint8 `(1, N, N, 3)`, to
            `{"probabilities": float32 (1, classes)}`.
        image_size: N, in pixels.
        num_classes: Number of probabilities.
    """

    model: object  # importing kerasfg.export does not import Keras
    function: Callable
    image_size: int
    num_classes: int

    def predict(self, images, batch_size=32):
        """Returns what Keras gives: float32 `(pictures, classes)`."""
        parts = [
            _only_output(self.model(batch.astype("float32"), training=False))
            for batch in np.split(
                images, range(batch_size, len(images), batch_size)
            )
        ]
        return np.concatenate([np.asarray(part, "float32") for part in parts])

    def blame(self, operators):
        """Returns where TensorFlow operators stand, in words.

        Args:
            operators: Names such as `"IRFFT"`.

        Returns:
            Such as `"IRFFT in layer 'sketch' (CompactBilinearPooling)"`.
        """
        places = []
        for node in _nodes(self.function.get_concrete_function()):
            if node.op in operators:
                place = f"{node.op} in {self._layer_of(node.name)}"
                if place not in places:
                    places.append(place)
        return "; ".join(places) or ", ".join(sorted(operators))

    def _layer_of(self, node_name):
        layers = {x.name: x for x in self.model._flatten_layers()}
        for scope in reversed(node_name.split("/")[:-1]):
            # Keras writes the scope of layer "sketch" as "sketch_1".
            for name in (scope, scope.rpartition("_")[0]):
                if name in layers:
                    return f"layer '{name}' ({type(layers[name]).__name__})"
        return f"'{node_name}'"


def inference_graph(model):
    """Traces the function that is exported, and refuses what cannot be.

    Args:
        model: `keras.Model` from pixels of shape `(batch, N, N, 3)`, values 0
            to 255, to the probabilities of its classes.

    Returns:
        An `InferenceGraph`.

    Raises:
        ValueError: If Keras runs on another backend than TensorFlow, or the
            model does not have one input of fixed size and one output.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Only the TensorFlow backend exports: save the model and load it "
            "again under KERAS_BACKEND=tensorflow. "
            f"Received: backend={keras.backend.backend()}"
        )
    import tensorflow as tf

    if not isinstance(model, keras.Model):
        raise ValueError(
            "Only a `keras.Model` can be exported. "
            f"Received: model={type(model).__name__}"
        )
    image_size = _image_size(model)
    model = in_float32(model)
    signature = tf.TensorSpec((1, image_size, image_size, 3), "uint8", INPUT)

    @tf.function(input_signature=[signature], autograph=False)
    def serve(image):
        outputs = model(tf.cast(image, "float32"), training=False)
        return {OUTPUT: _only_output(outputs)}

    output = serve.get_concrete_function().structured_outputs[OUTPUT]
    return InferenceGraph(model, serve, image_size, _num_classes(output))


def _image_size(model):
    shape = getattr(model, "input_shape", None)
    if shape is None:
        raise ValueError(
            "The model's input size is not known: build it from a "
            "`keras.Input((N, N, 3))`. Received: a model without `input_shape`"
        )
    if not isinstance(shape, tuple) or isinstance(shape[0], (tuple, list)):
        raise ValueError(
            "Only a model with one input, the picture, can be exported. "
            f"Received: input_shape={shape}"
        )
    if None in shape[1:]:
        raise ValueError(
            "The phone needs a fixed picture size: build the model from a "
            "`keras.Input((N, N, 3))` with the size it was trained at. "
            f"Received: input_shape={shape}"
        )
    batch, *size = shape
    if batch not in (None, 1) or len(size) != 3 or size[1:] != [size[0], 3]:
        raise ValueError(
            "Only a model of square colour pictures can be exported, input "
            f"shape (None, N, N, 3). Received: input_shape={shape}"
        )
    return size[0]


def _only_output(outputs):
    import keras

    flat = keras.tree.flatten(outputs)
    if len(flat) != 1:
        raise ValueError(
            "Only a model with one output, the probabilities, can be "
            "exported: make a `keras.Model` of that output alone. "
            f"Received: {len(flat)} outputs"
        )
    return flat[0]


def _num_classes(output):
    shape = tuple(output.shape)
    fits = len(shape) == 2 and shape[1] is not None and shape[1] > 1
    if not fits or output.dtype != "float32":
        raise ValueError(
            "The output must be one float32 probability per class, shape "
            f"(None, classes). Received: {output.dtype.name} {shape}"
        )
    return shape[1]


def _nodes(concrete_function):
    definition = concrete_function.graph.as_graph_def()
    yield from definition.node
    for function in definition.library.function:
        yield from function.node_def
