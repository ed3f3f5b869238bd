"""Quantizes a float32 .tflite file."""

import re
import warnings

from kerasfg.export.familiarity.tflite_head import with_familiarity
from kerasfg.export.familiarity.tflite_head import without_familiarity
from kerasfg.export.quantization.equalization import equalized
from kerasfg.export.quantization.layer_correction import corrected_layers
from kerasfg.export.quantization.number_formats import DYNAMIC
from kerasfg.export.quantization.number_formats import FLOAT32
from kerasfg.export.quantization.number_formats import STATIC
from kerasfg.export.quantization.number_formats import number_formats
from kerasfg.export.quantization.value_ranges import value_ranges
from kerasfg.export.quiet import quiet
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.named_buffer import with_buffers_inside
from kerasfg.export.tflite_file.operator_codes import with_old_codes


def quantize_tflite(contents, variant, images=None):
    """Quantizes with `litert_quantizer`; see `kerasfg.export.quantize`.

    Args:
        contents: Bytes of a float32 `.tflite` file without metadata.
        variant: See `kerasfg.export.quantize`.
        images: Calibration pictures, uint8 `(pictures, N, N, 3)`, for
            `"int8"` and `"mixed"`. Defaults to `None`.

    Returns:
        Bytes of the file, which has not been run yet. A familiarity is still
        computed in float32.
    """
    whole, contents = contents, without_familiarity(contents)
    has_familiarity = contents is not whole
    operators = tflite_graph(contents)
    formats = number_formats(operators, variant)
    with quiet(), warnings.catch_warnings():
        # LiteRT warns of an interpreter that keeps its tensors.
        warnings.filterwarnings("ignore", r".*preserve_all_tensors")
        from litert_quantizer import Quantizer

        ranges = None
        if STATIC in formats:
            contents = equalized(contents, images)
            tensors = _tensors(operators, formats)
            ranges = value_ranges(contents, tensors, images)
        quantizer = Quantizer(contents)
        _add_recipe(quantizer, operators, formats)
        result = quantizer.quantize(
            ranges, enable_progress_bar=False, enable_progress_report=False
        )
        quantized = with_buffers_inside(bytes(result.quantized_model))
        if STATIC in formats:
            quantized = corrected_layers(contents, quantized, images)
    if has_familiarity:
        quantized = with_familiarity(quantized, whole, variant)
    return with_old_codes(quantized)


def _add_recipe(quantizer, operators, formats):
    from litert_quantizer.algorithm_manager import AlgorithmName
    from litert_quantizer.qtyping import QuantGranularity
    from litert_quantizer.qtyping import TFLOperationName

    kinds = TFLOperationName.ALL_SUPPORTED
    for number_format in sorted(set(formats) - {FLOAT32}):
        # The quantizer selects an operator by the names of its outputs.
        scopes = [
            re.escape(";".join(operator.outputs))
            for operator, chosen in zip(operators, formats, strict=True)
            if chosen == number_format
        ]
        regex = f"^({'|'.join(scopes)});$"
        if number_format == STATIC:
            quantizer.add_static_config(regex, kinds, 8, 8)
        elif number_format == DYNAMIC:
            quantizer.add_dynamic_config(regex, kinds, 8)
            # Old runtimes, such as tflite-runtime 2.14, take one scale for all
            # weights here, and with several answer nonsense without a word.
            quantizer.add_dynamic_config(
                regex,
                TFLOperationName.FULLY_CONNECTED,
                8,
                QuantGranularity.TENSORWISE,
            )
        else:
            quantizer.add_weight_only_config(
                regex, kinds, 16, algorithm_key=AlgorithmName.FLOAT_CASTING
            )


def _tensors(operators, formats):
    """Returns the names of the tensors that become int8."""
    return {
        name
        for operator, chosen in zip(operators, formats, strict=True)
        if chosen == STATIC
        for name in (*operator.inputs, *operator.outputs)
    }
