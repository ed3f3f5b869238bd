"""Export to ONNX, in float32."""

from __future__ import annotations

import os
import pathlib
import re
from typing import TYPE_CHECKING
from typing import Literal

from kerasfg.export.familiarity.onnx_head import put_last
from kerasfg.export.inference.inference_graph import INPUT
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx_file.conversion import erfc_handlers
from kerasfg.export.onnx_file.conversion import repeatable
from kerasfg.export.onnx_file.names import settle_names
from kerasfg.export.quiet import quiet
from kerasfg.export.verification.verify import write_verified

if TYPE_CHECKING:
    import keras

    from kerasfg.export.verification.verify import Verification

OPSET = 17


def export_onnx(
    model: keras.Model,
    filepath: str | os.PathLike[str],
    opset: int = OPSET,
    input_range: tuple[float, float] | None = None,
    output: Literal["probabilities", "logits"] | None = None,
    output_name: str | None = None,
    image_size: int | None = None,
) -> Verification:
    """Writes a model as an `.onnx` file that onnxruntime can run.

    The file takes one picture, `image`, uint8 `(1, N, N, 3)`, and returns
    `probabilities`, float32 `(1, classes)`, with operators of the standard
    domain only. It is written after it has run in onnxruntime and agreed with
    Keras on four pictures of noise. `kerasfg.export.export` verifies on real
    pictures.

    Args:
        model: `keras.Model` from pictures `(batch, N, N, 3)` to its classes.
            A model in mixed precision is exported in float32.
        filepath: Path that ends in `.onnx`. An existing file is replaced at
            the end.
        opset: ONNX operator set. Defaults to `17`.
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
    kerasfg.export.export_onnx(model, "flowers.onnx")
    ```
    """
    filepath = pathlib.Path(filepath)
    if filepath.suffix != ".onnx":
        raise ValueError(
            f"The name must end in .onnx. Received: filepath={filepath}"
        )
    graph = inference_graph(model, input_range, output, output_name, image_size)
    return write_verified(filepath, convert_onnx(graph, opset), graph)


def convert_onnx(graph, opset=OPSET):
    """Converts an `InferenceGraph`.

    Args:
        graph: `InferenceGraph`.
        opset: ONNX operator set. Defaults to `17`.

    Returns:
        Bytes of an `.onnx` file, which has not been run yet. The same graph
        always gives the same bytes.

    Raises:
        ValueError: If it has an operator that ONNX does not have.
    """
    with quiet() as errors:
        import onnx
        import tf2onnx

        concrete = graph.function.get_concrete_function()
        try:
            with repeatable():
                proto, _ = tf2onnx.convert.from_function(
                    graph.function,
                    concrete.structured_input_signature[0],
                    opset,
                    custom_op_handlers=erfc_handlers(),
                )
        except Exception as error:
            raise ValueError(_reason(graph, [str(error)])) from error
        # tf2onnx only logs what it cannot convert, and goes on.
        if errors:
            raise ValueError(_reason(graph, errors))
        _hold_constants(proto, concrete)
        put_last(proto.graph)
        settle_names(proto, graph.model.name)
        try:
            onnx.checker.check_model(proto, full_check=True)
        except onnx.checker.ValidationError as error:
            raise ValueError(_reason(graph, [str(error)])) from error
    return proto.SerializeToString(deterministic=True)


def _hold_constants(proto, concrete):
    """Stores eager tensors of layers as constants, not as inputs."""
    import onnx

    values = {
        placeholder.name: tensor
        for tensor, placeholder in concrete.graph.captures
        if tensor.dtype != "resource"
    }
    for i in reversed(range(len(proto.graph.input))):
        name = proto.graph.input[i].name
        if name != INPUT and name in values:
            proto.graph.initializer.append(
                onnx.numpy_helper.from_array(values[name].numpy(), name)
            )
            del proto.graph.input[i]


def _reason(graph, messages):
    text = "\n".join(messages)
    operators = set(re.findall(r"op \[.*?: (\w+)\] is not supported", text))
    operators |= set(re.findall(r"OP=(\w+)", text))
    if operators:
        return (
            f"ONNX has no operator for {graph.blame(operators)}. Express the "
            "layer in other operations, or leave this format out."
        )
    return f"The model does not convert to ONNX: {text[:500]}"
