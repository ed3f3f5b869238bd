"""Measures the ranges of the values inside a network."""

import numpy as np


def value_ranges(contents, tensors, images):
    """Runs a float32 `.tflite` file and measures the ranges of tensors.

    A range is from the smallest to the largest value of all pictures. Measured
    on real photographs, int8 files with these ranges are nearer to Keras than
    files with moving averages, percentiles or ranges of least squared error.

    Args:
        contents: Bytes of the file.
        tensors: Names of tensors. Those that are not float32 are left out.
        images: uint8 `(pictures, N, N, 3)`.

    Returns:
        `{name: {"min": array (1,), "max": array (1,)}}`.

    Raises:
        ValueError: If a value is not finite.
    """
    interpreter = keeping_interpreter(contents)
    source = interpreter.get_input_details()[0]["index"]
    indices = {
        tensor["name"]: tensor["index"]
        for tensor in interpreter.get_tensor_details()
        if tensor["name"] in tensors and tensor["dtype"] == np.float32
    }
    lows = np.full(len(indices), np.inf, "float32")
    highs = -lows
    for image in images:
        interpreter.set_tensor(source, image[None])
        interpreter.invoke()
        for i, index in enumerate(indices.values()):
            values = interpreter.get_tensor(index)
            lows[i] = np.minimum(lows[i], values.min())
            highs[i] = np.maximum(highs[i], values.max())
    _check_finite(indices, lows, highs)
    return {
        name: {"min": low[None], "max": high[None]}
        for name, low, high in zip(indices, lows, highs, strict=True)
    }


def keeping_interpreter(contents):
    """Returns an interpreter of a `.tflite` file that keeps all tensors."""
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_litert.interpreter import OpResolverType

    interpreter = Interpreter(
        model_content=contents,
        # A delegate would not compute tensors that it can fuse away.
        experimental_op_resolver_type=(
            OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        ),
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    return interpreter


def _check_finite(names, lows, highs):
    for name, low, high in zip(names, lows, highs, strict=True):
        if not np.isfinite([low, high]).all():
            raise ValueError(
                "A network whose values are not finite on the calibration "
                f"pictures cannot be quantized. Received: {name} from "
                f"{low:.3g} to {high:.3g}"
            )
