"""InferenceGraph: the function from which every format is exported."""

import contextlib
import dataclasses
from collections.abc import Callable

import numpy as np

from kerasfg.export.inference.float32 import in_float32
from kerasfg.export.inference.layer_graph import has_graph
from kerasfg.export.inference.output_head import OutputHead
from kerasfg.export.inference.output_head import check_output
from kerasfg.export.inference.output_head import output_head
from kerasfg.export.inference.picture_size import picture_size
from kerasfg.export.inference.pixel_range import PixelScaling
from kerasfg.export.inference.pixel_range import check_input_range
from kerasfg.export.inference.pixel_range import pixel_scaling
from kerasfg.export.inference.probabilities import check_probabilities
from kerasfg.export.inference.probabilities import num_classes
from kerasfg.export.inference.refused_operators import check_operators
from kerasfg.export.inference.traced_operators import TracedOperators
from kerasfg.export.quiet import quiet

INPUT = "image"
OUTPUT = "probabilities"


@dataclasses.dataclass(frozen=True, eq=False)
class InferenceGraph:
    """A classifier as a function from one picture to probabilities.

    Attributes:
        model: The `keras.Model`, in float32.
        function: `tf.function` from `image`, uint8 `(1, N, N, 3)`, to
            `{"probabilities": float32 (1, classes)}`.
        image_size: N, in pixels.
        num_classes: Number of probabilities.
        scaling: The `PixelScaling` before the model.
        head: The `OutputHead` after the model.
    """

    model: object  # importing kerasfg.export does not import Keras
    function: Callable
    image_size: int
    num_classes: int
    scaling: PixelScaling
    head: OutputHead

    def predict(self, images, batch_size=32):
        """Predicts with Keras: float32 probabilities `(pictures, classes)`.

        It calls the model in batches, not `function`.

        Args:
            images: uint8 `(pictures, N, N, 3)`.
            batch_size: Pictures in a batch. A model with a fixed batch size
                uses that instead. Defaults to `32`.

        Raises:
            ValueError: If the model does not return probabilities.
        """
        inputs = getattr(self.model, "inputs", None)
        if inputs and inputs[0].shape[0]:
            batch_size = inputs[0].shape[0]
        parts = []
        for batch in np.split(
            images, range(batch_size, len(images), batch_size)
        ):
            with quiet():  # TensorFlow warns of tracing another batch size
                pixels = self.scaling.prepare(batch.astype("float32"))
                outputs = self.model(pixels, training=False)
            parts.append(self.head.probabilities(outputs))
        return check_probabilities(np.concatenate(parts), len(images))

    def blame(self, operators):
        """Describes which layers contain TensorFlow operators.

        Args:
            operators: Names such as `"MatrixInverse"`.

        Returns:
            A string such as `"MatrixInverse in layer 'whitening' (Lambda)"`.
        """
        concrete = self.function.get_concrete_function()
        return TracedOperators(concrete, self.model).places(operators)


def inference_graph(model, input_range=None, output=None, output_name=None):
    """Checks a model and traces the function that is exported.

    Args:
        model: `keras.Model` from pictures of shape `(batch, N, N, 3)` to
            classes.
        input_range: Range of the numbers that the model takes: `(0, 255)`,
            `(0, 1)` or `(-1, 1)`, or a string such as `"0,255"`. Defaults to
            `None`: it is found from a first `Rescaling` or `Normalization`, a
            uint8 input, the preprocessor of a KerasHub model, or known for a
            model of kerasfg.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: a softmax
            in the last layer shows that the output is probabilities.
        output_name: The output to export if there are several: a key or the
            name of a layer. Defaults to `None`.

    Returns:
        An `InferenceGraph`.

    Raises:
        ValueError: If Keras runs on another backend than TensorFlow, if the
            input is not one square picture of fixed size, if the output is not
            one number for each of two or more classes, if an argument is
            needed, or if a layer uses an operator that phones do not have.
    """
    _check_backend()
    _check_model(model)
    check_input_range(input_range)
    check_output(output)
    image_size = picture_size(model)
    model = in_float32(model)
    scaling = pixel_scaling(model, input_range)
    head = output_head(
        model, _symbolic_outputs(model, image_size), output, output_name
    )

    def serve(image):
        import tensorflow as tf

        pixels = scaling.apply(tf.cast(image, "float32"))
        return {OUTPUT: head.apply(model(pixels, training=False))}

    function = trace(serve, image_size)
    concrete = function.get_concrete_function()
    classes = num_classes(concrete.structured_outputs[OUTPUT])
    check_operators(TracedOperators(concrete, model))
    return InferenceGraph(model, function, image_size, classes, scaling, head)


def trace(serve, image_size):
    """Traces a function of one picture.

    Keras puts grouped convolutions in functions for XLA, which ONNX does not
    have. They are inlined in the graph.

    Args:
        serve: Function from `image`, uint8 `(1, image_size, image_size, 3)`,
            to a dictionary of tensors.
        image_size: Side of the picture in pixels.

    Returns:
        A `tf.function`, traced once.

    Raises:
        ValueError: If the function fails.
    """
    import tensorflow as tf

    shape = (1, image_size, image_size, 3)
    signature = [tf.TensorSpec(shape, "uint8", INPUT)]

    def traced():
        function = tf.function(
            serve, input_signature=signature, autograph=False
        )
        return function, function.get_concrete_function()

    with _one_picture(image_size), quiet():
        function, concrete = traced()
    if any(_is_for_xla(x) for x in concrete.graph.get_operations()):
        # A layer's own `tf.function` may not run without AutoGraph.
        with contextlib.suppress(Exception), _functions_inline(), quiet():
            function, _ = traced()
    return function


def _check_backend():
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Export needs the TensorFlow backend: save the model and load it "
            "again with KERAS_BACKEND=tensorflow. "
            f"Received: backend={keras.backend.backend()}"
        )


def _check_model(model):
    import keras

    if not isinstance(model, keras.Model):
        raise ValueError(
            "Only a `keras.Model` can be exported. "
            f"Received: model={type(model).__name__}"
        )


def _symbolic_outputs(model, image_size):
    import keras

    if isinstance(model, keras.Sequential):
        return model.outputs[0]
    if has_graph(model):
        return model.output
    with _one_picture(image_size):
        shape = (1, image_size, image_size, 3)
        return model.compute_output_spec(keras.KerasTensor(shape))


@contextlib.contextmanager
def _one_picture(image_size):
    try:
        yield
    except Exception as error:
        raise ValueError(
            f"The model does not run on one picture of {image_size} pixels: "
            f"{error}"
        ) from error


@contextlib.contextmanager
def _functions_inline():
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _is_for_xla(operation):
    attributes = operation.node_def.attr
    return "_XlaMustCompile" in attributes and attributes["_XlaMustCompile"].b
