"""Export to TensorFlow Lite (LiteRT), in float32."""

from __future__ import annotations

import os
import pathlib
import re
from typing import TYPE_CHECKING
from typing import Literal

from kerasfg.export.familiarity.tflite_head import settle_outputs
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.quiet import quiet
from kerasfg.export.verification.verify import write_verified
from kerasfg.temporary_folder import temporary_folder

if TYPE_CHECKING:
    import keras

    from kerasfg.export.verification.verify import Verification


def export_tflite(
    model: keras.Model,
    filepath: str | os.PathLike[str],
    input_range: tuple[float, float] | None = None,
    output: Literal["probabilities", "logits"] | None = None,
    output_name: str | None = None,
    image_size: int | None = None,
) -> Verification:
    """Writes a model as a `.tflite` file that any phone runtime can run.

    The file takes one picture, `image`, uint8 `(1, N, N, 3)`, and returns
    `probabilities`, float32 `(1, classes)`, with builtin operators only. It is
    written after it has run in LiteRT and agreed with Keras on four pictures
    of noise. `kerasfg.export.export` verifies on real pictures.

    Args:
        model: `keras.Model` from pictures `(batch, N, N, 3)` to its classes.
            A model in mixed precision is exported in float32.
        filepath: Path that ends in `.tflite`. An existing file is replaced at
            the end.
        input_range: Pixel range of the input, `(0, 255)`, `(0, 1)` or
            `(-1, 1)`. Defaults to `None`: it is detected; see `export`.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: it is
            detected from the last layer.
        output_name: The output to export if there are several. Defaults to
            `None`.
        image_size: N, if the model takes pictures of any size. Defaults to
            `None`.

    Returns:
        A `Verification`.

    Raises:
        ValueError: If the model cannot be exported. The message names the
            layer.
        VerificationError: If the file differs too much from Keras.

    Example:

    ```python
    model = keras.saving.load_model("run/model.keras")
    kerasfg.export.export_tflite(model, "flowers.tflite")
    ```
    """
    filepath = pathlib.Path(filepath)
    if filepath.suffix != ".tflite":
        raise ValueError(
            f"The name must end in .tflite. Received: filepath={filepath}"
        )
    graph = inference_graph(model, input_range, output, output_name, image_size)
    return write_verified(filepath, convert_tflite(graph), graph)


def convert_tflite(graph):
    """Converts an `InferenceGraph`.

    Args:
        graph: `InferenceGraph`.

    Returns:
        Bytes of a `.tflite` file, which has not been run yet. The same graph
        always gives the same bytes.

    Raises:
        ValueError: If it has an operator that is not builtin.
    """
    import keras
    import tensorflow as tf

    with quiet(), temporary_folder() as directory:
        archive = keras.export.ExportArchive()
        archive.track(graph.model)
        archive.add_endpoint("serving_default", graph.function)
        archive.write_out(directory, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            directory, signature_keys=["serving_default"]
        )
        try:
            contents = converter.convert()
        except Exception as error:
            raise ValueError(_reason(graph, str(error))) from error
    return contents if graph.familiarity is None else settle_outputs(contents)


def convert_for_timing(model):
    """Converts a model only to time it, in a third of the time of an export.

    Its variables are constants from the start, and no SavedModel is written.
    The operators are those of the exported file. It is not verified.

    Args:
        model: `keras.Model`; see `export_tflite`.

    Returns:
        Bytes of a `.tflite` file.
    """
    import tensorflow as tf

    with quiet():
        graph = inference_graph(model)  # it keeps the variables
        concrete = graph.function.get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
        return converter.convert()


def _reason(graph, message):
    operators = set(re.findall(r"'tf\.(\w+)' op is neither", message))
    if operators:
        return (
            "TensorFlow Lite has no builtin operator for "
            f"{graph.blame(operators)}. Express the layer in other operations, "
            "or leave this format out."
        )
    return f"The model does not convert to TensorFlow Lite: {message[:500]}"
