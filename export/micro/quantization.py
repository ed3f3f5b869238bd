"""Quantizes a file for microcontrollers: int8 from the pixels to the answer."""

import itertools
import re
import warnings

import numpy as np

from kerasfg.export.micro.eight_bits import OUTPUT_SCALE
from kerasfg.export.micro.eight_bits import is_int8
from kerasfg.export.micro.eight_bits import to_int8
from kerasfg.export.micro.float_input import with_float_input
from kerasfg.export.micro.operators import check_micro_operators
from kerasfg.export.micro.operators import in_eight_bits
from kerasfg.export.quantization.equalization import equalized
from kerasfg.export.quantization.layer_correction import corrected_layers
from kerasfg.export.quantization.value_ranges import value_ranges
from kerasfg.export.quiet import quiet
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.named_buffer import with_buffers_inside


def quantize_micro(contents, images):
    """Quantizes a whole float32 `.tflite` file, with its input and output.

    The input becomes int8 with scale 1 and zero point -128: a pixel minus 128.
    The output becomes int8 with scale 1/256 and zero point -128.

    Args:
        contents: Bytes of the float32 file for exact pixels, without metadata.
        images: Training pictures that show the ranges of values, uint8
            `(pictures, N, N, 3)`.

    Returns:
        Bytes of the file, which has not been run yet.

    Raises:
        ValueError: If microcontrollers lack an operator, or the output is not
            probabilities as those of a softmax.
    """
    contents = with_float_input(contents)
    contents = equalized(contents, images.astype("float32"))
    operators = tflite_graph(contents)
    check_micro_operators(x.kind for x in operators)
    with quiet(), warnings.catch_warnings():
        # LiteRT warns of an interpreter that keeps its tensors.
        warnings.filterwarnings("ignore", r".*preserve_all_tensors")
        from litert_quantizer import Quantizer

        quantizer = Quantizer(contents)
        _add_recipe(quantizer, operators)
        result = quantizer.quantize(
            _ranges(contents, operators, images),
            enable_progress_bar=False,
            enable_progress_report=False,
        )
        quantized = with_buffers_inside(bytes(result.quantized_model))
        _check_ends(quantized)
        return corrected_layers(
            contents, quantized, images.astype("float32"), to_int8(images)
        )


def _check_ends(contents):
    """Refuses a file whose numbers mean something else than all others'."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=contents)
    outputs = interpreter.get_output_details()
    if not is_int8(interpreter.get_input_details(), outputs):
        raise ValueError(
            "A file for microcontrollers gives probabilities in 256ths, as "
            "after a softmax over the classes: end the network with one. "
            "Received: an output of scale and zero point "
            f"{outputs[0]['quantization']}"
        )


def _add_recipe(quantizer, operators):
    from litert_quantizer.qtyping import QuantGranularity
    from litert_quantizer.qtyping import TFLOperationName

    for place in (TFLOperationName.INPUT, TFLOperationName.OUTPUT):
        quantizer.add_static_config(".*", place, 8, 8)
    chosen = list(itertools.compress(operators, in_eight_bits(operators)))
    for kind in sorted({x.kind for x in chosen}):
        name = getattr(TFLOperationName, kind, None)
        if name is None:  # the quantizer leaves it in float32
            continue
        # The quantizer selects an operator by the names of its outputs.
        scopes = (
            re.escape(";".join(x.outputs)) for x in chosen if x.kind == kind
        )
        # Kernels of boards know one scale for the weights of a dense layer:
        # Espressif's ignored all others without a word.
        granularity = (
            QuantGranularity.TENSORWISE
            if kind == "FULLY_CONNECTED"
            else QuantGranularity.CHANNELWISE
        )
        regex = f"^({'|'.join(scopes)});$"
        quantizer.add_static_config(regex, name, 8, 8, granularity)


def _ranges(contents, operators, images):
    """Measures the ranges of values; of pixels and answers they are known."""
    names = {x for each in operators for x in (*each.inputs, *each.outputs)}
    ranges = value_ranges(contents, names, images.astype("float32"))
    lowest, highest = np.array([[0.0], [255.0]], "float32")
    ranges[operators[0].inputs[0]] = {"min": lowest, "max": highest}
    lowest, highest = np.array([[0.0], [255 * OUTPUT_SCALE]], "float32")
    for name in _probabilities(operators):
        ranges[name] = {"min": lowest, "max": highest}
    return ranges


def _probabilities(operators):
    """Names the probabilities: those of one sigmoid are joined of p and 1 - p.

    The parts of a concatenation need the scale of the whole.
    """
    last = operators[-1]
    is_joined = last.kind == "CONCATENATION"
    return (*last.outputs, *(last.inputs if is_joined else ()))
