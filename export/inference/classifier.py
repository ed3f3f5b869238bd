"""Classifier: any Keras model as a function from pictures to probabilities."""

import contextlib
import dataclasses
import re

import numpy as np

from kerasfg.export.inference.float32 import in_float32
from kerasfg.export.inference.known_models import is_hub_classifier
from kerasfg.export.inference.layer_graph import has_graph
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.export.inference.open_question import ask
from kerasfg.export.inference.output_head import OutputHead
from kerasfg.export.inference.output_head import check_output
from kerasfg.export.inference.output_head import output_head
from kerasfg.export.inference.picture_size import picture_size
from kerasfg.export.inference.pixel_range import PixelScaling
from kerasfg.export.inference.pixel_range import check_input_range
from kerasfg.export.inference.pixel_range import pixel_scaling
from kerasfg.export.inference.probabilities import check_probabilities
from kerasfg.export.quiet import quiet

_MOST_SHOWN = 300  # characters of an error of Keras


@dataclasses.dataclass(frozen=True, eq=False)
class Classifier:
    """A Keras model, with the steps before and after it.

    Attributes:
        model: The `keras.Model`, in float32 if its output was not.
        image_size: N, in pixels.
        num_classes: Number of probabilities.
        scaling: The `PixelScaling` before the model.
        head: The `OutputHead` after the model.
    """

    model: object  # importing kerasfg.export does not import Keras
    image_size: int
    num_classes: int
    scaling: PixelScaling
    head: OutputHead

    def predict(self, images, batch_size=32):
        """Predicts with Keras: float32 probabilities `(pictures, classes)`.

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
                with one_picture(self.image_size):
                    outputs = self.model(pixels, training=False)
            parts.append(self.head.probabilities(outputs))
        return check_probabilities(np.concatenate(parts), len(images))

    def as_model(self):
        """Returns a `keras.Model` from pixels 0 to 255 to probabilities."""
        import keras

        if self._is_plain():
            return self.model
        size = self.image_size
        pixels = keras.Input((size, size, 3), name="image")
        scaled = self.scaling.apply(pixels)
        with one_picture(size):
            outputs = self.model(scaled)
        return keras.Model(pixels, self.head.apply(outputs))

    def _is_plain(self):
        """Whether nothing is done before and after the model."""
        return (
            self.head == OutputHead(0, "probabilities")
            and _returns_one_tensor(self.model)
            and not self.scaling.grey
            and not is_hub_classifier(self.model)
            and np.all(self.scaling.scale == 1)
            and np.all(self.scaling.offset == 0)
        )


def _returns_one_tensor(model):
    """Whether a model has one output, not in a list or dictionary."""
    import keras

    outputs = getattr(model, "outputs", None) or ()
    return len(outputs) == 1 and (
        isinstance(model, keras.Sequential) or hasattr(model.output, "shape")
    )


def classifier(
    model, input_range=None, output=None, output_name=None, image_size=None
):
    """Finds out how a model classifies; what it does not show must be given.

    Args:
        model: `keras.Model` from pictures of shape `(batch, N, N, 3)`, or one
            channel of grey, to classes.
        input_range: Range of the numbers that the model takes: `(0, 255)`,
            `(0, 1)` or `(-1, 1)`, or a string such as `"0,255"`. Defaults to
            `None`: it is found from a first `Rescaling` or `Normalization`, a
            uint8 input, the preprocessor of a KerasHub model, or known for a
            model of kerasfg.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: a softmax
            in the last layer shows that the output is probabilities, a sigmoid
            of one number that there are two classes.
        output_name: The output with the classes if there are several: a key or
            the name of a layer. Defaults to `None`.
        image_size: N, if the model takes any size. Defaults to `None`.

    Returns:
        A `Classifier`.

    Raises:
        ValueError: If the input is not one square picture, if the output is
            not one number for each class, or if an argument is needed; one
            error names all of these.
    """
    check_model(model)
    check_input_range(input_range)
    check_output(output)
    check_weights(model)
    questions = []
    size = _or_ask(questions, picture_size, model, image_size)
    scaling = _or_ask(questions, pixel_scaling, model, input_range)
    head = None
    if size is not None:
        outputs = symbolic_outputs(model, size)
        if _has_other_floats(outputs):
            model = in_float32(model)
            outputs = symbolic_outputs(model, size)
        head = _or_ask(
            questions, output_head, model, outputs, output, output_name
        )
    ask(questions)
    found = Classifier(model, size, head.num_classes, scaling, head)
    if image_size is not None:
        _check_runs(found)
    return found


def _check_runs(found):
    """Checks a given size, which may be too small for the layers."""
    picture = np.zeros((1, found.image_size, found.image_size, 3), "float32")
    with quiet(), one_picture(found.image_size):
        found.model(found.scaling.prepare(picture), training=False)


def check_model(model):
    """Raises `ValueError` unless it is a `keras.Model`."""
    import keras

    if not isinstance(model, keras.Model):
        raise ValueError(
            "Only a `keras.Model` can be exported. "
            f"Received: model={type(model).__name__}"
        )


def check_weights(model, given=None):
    """Checks that the weights are finite numbers.

    Args:
        model: `keras.Model`.
        given: Path of its file, for the error. Defaults to `None`: the model
            has its name.

    Raises:
        ValueError: If a weight is not a finite number.
    """
    import keras

    for weight in model.weights:
        values = keras.ops.convert_to_numpy(weight)
        kind = getattr(values.dtype, "kind", "")
        if kind in "iub":
            continue
        if not np.isfinite(values.astype("float32")).all():
            raise ValueError(
                "The weights of a model must be finite numbers, but a part of "
                f"'{weight.path}' is infinite or not a number: its training "
                "has failed. Train it again, with a lower learning rate. "
                f"Received: model={str(given or model.name)!r}"
            )


def symbolic_outputs(model, image_size):
    """Returns the outputs of a model as Keras tensors.

    Args:
        model: `keras.Model`.
        image_size: Side of the picture in pixels.

    Raises:
        ValueError: If the model does not run on such a picture.
    """
    import keras

    if isinstance(model, keras.Sequential):
        return model.outputs[0]
    if has_graph(model):
        return model.output
    with one_picture(image_size):
        shape = (1, image_size, image_size, 3)
        return model.compute_output_spec(keras.KerasTensor(shape))


def _has_other_floats(outputs):
    """Whether an output is not float32, so that its sums are not exact."""
    import keras

    kinds = {
        keras.backend.standardize_dtype(x.dtype)
        for x in keras.tree.flatten(outputs)
    }
    return any("float" in kind and kind != "float32" for kind in kinds)


@contextlib.contextmanager
def one_picture(image_size):
    """Names the size of the picture in an error inside a `with`."""
    try:
        yield
    except Exception as error:
        reason = " ".join(re.sub(r"\x1b\[\d*m", "", str(error)).split())
        if len(reason) > _MOST_SHOWN:
            reason = f"{reason[:_MOST_SHOWN]} ..."
        raise ValueError(
            f"The model does not run on one picture of {image_size} pixels: "
            f"{reason}"
        ) from error


def _or_ask(questions, find, *arguments):
    """Calls a function; a question of it is added to `questions`."""
    try:
        return find(*arguments)
    except OpenQuestion as question:
        questions.append(question)
        return None
