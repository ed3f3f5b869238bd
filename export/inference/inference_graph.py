"""InferenceGraph: the function from which every format is exported."""

import contextlib
import dataclasses
from collections.abc import Callable

import numpy as np

from kerasfg.export.familiarity.network import check_familiarity
from kerasfg.export.familiarity.network import familiarity
from kerasfg.export.familiarity.network import network_outputs
from kerasfg.export.inference.classifier import Classifier
from kerasfg.export.inference.classifier import check_model
from kerasfg.export.inference.classifier import classifier
from kerasfg.export.inference.classifier import one_picture
from kerasfg.export.inference.float32 import in_float32
from kerasfg.export.inference.refused_operators import check_operators
from kerasfg.export.inference.traced_operators import TracedOperators
from kerasfg.export.quiet import quiet
from kerasfg.export.runtime.contract import FAMILIARITY

INPUT = "image"
OUTPUT = "probabilities"


@dataclasses.dataclass(frozen=True, eq=False)
class InferenceGraph(Classifier):
    """A classifier as a function from one picture to probabilities.

    `predict` calls the model in batches, not `function`.

    Attributes:
        model: The `keras.Model`, in float32.
        function: `tf.function` from `image`, uint8 `(1, N, N, 3)`, to
            `{"probabilities": float32 (1, classes)}`, and `"familiarity"`,
            float32 `(1, 1)`, if that is known.
        familiarity: `Familiarity` of the network, or `None`.
    """

    function: Callable
    familiarity: object = None

    def predict_familiarity(self, images, batch_size=32):
        """Computes the familiarity of pictures from Keras: float32 `(n,)`.

        Args:
            images: uint8 `(pictures, N, N, 3)`.
            batch_size: Pictures in a batch. Defaults to `32`.
        """
        parts = []
        for batch in np.split(
            images, range(batch_size, len(images), batch_size)
        ):
            with quiet():
                pixels = self.scaling.prepare(batch.astype("float32"))
                features, logits, _ = network_outputs(self.model, pixels)
            parts.append(self.familiarity.score(features, logits))
        return np.concatenate(parts)

    def blame(self, operators):
        """Describes which layers contain TensorFlow operators.

        Args:
            operators: Names such as `"MatrixInverse"`.

        Returns:
            A string such as `"MatrixInverse in layer 'whitening' (Lambda)"`.
        """
        concrete = self.function.get_concrete_function()
        return TracedOperators(concrete, self.model).places(operators)


def inference_graph(
    model,
    input_range=None,
    output=None,
    output_name=None,
    image_size=None,
    head=None,
):
    """Checks a model and traces the function that is exported.

    Args:
        model: `keras.Model`; see `kerasfg.export.inference.classifier`, also
            for the other arguments.
        input_range: Range of the numbers that the model takes.
        output: `"probabilities"` or `"logits"`.
        output_name: The output to export if there are several.
        image_size: N, if the model takes any size.
        head: `Familiarity` of the network, whose result is then a further
            output. Defaults to `None`: there is none.

    Returns:
        An `InferenceGraph`.

    Raises:
        ValueError: If Keras runs on another backend than TensorFlow, if the
            input is not one square picture, if the output is not one number
            for each class, if an argument is needed, if a layer uses an
            operator that phones do not have, or if the familiarity is not
            that of the network.
    """
    _check_backend()
    check_model(model)
    found = classifier(
        in_float32(model), input_range, output, output_name, image_size
    )

    if head is not None:
        check_familiarity(head, found.model)

    def serve(image):
        import tensorflow as tf

        pixels = found.scaling.apply(tf.cast(image, "float32"))
        if head is not None:
            outputs = network_outputs(found.model, pixels)
            known = familiarity(head, *outputs)
            return {OUTPUT: outputs[-1], FAMILIARITY: known}
        outputs = found.model(pixels, training=False)
        return {OUTPUT: found.head.apply(outputs)}

    function = trace(serve, found.image_size)
    concrete = function.get_concrete_function()
    check_operators(TracedOperators(concrete, found.model))
    parts = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
    return InferenceGraph(**parts, function=function, familiarity=head)


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

    with one_picture(image_size), quiet():
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
