"""Decides in which number format each operator of a .tflite file computes."""

from kerasfg.export.quantization.around_convolutions import BEFORE
from kerasfg.export.quantization.around_convolutions import BETWEEN
from kerasfg.export.quantization.around_convolutions import around_convolutions

FLOAT32, FLOAT16, DYNAMIC, STATIC = "float32", "float16", "dynamic", "static"
# With inputs in eight bits, the outputs of these fit into eight bits, too.
# Those of a square, a root, a division or a softmax do not.
_EIGHT_BIT = {
    "ADD",
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "FULLY_CONNECTED",
    "MAX_POOL_2D",
    "MEAN",
    "PAD",
    "RELU",
    "RESHAPE",
}


def number_formats(operators, variant):
    """Decides in which number format each operator computes.

    Args:
        operators: `Operator`s of a `.tflite` file.
        variant: See `kerasfg.export.quantize`.

    Returns:
        List with one of these for each operator: `"float32"`; `"float16"`,
        with weights in float16; `"dynamic"`, with weights in int8 and inputs
        rounded to int8 at runtime; `"static"`, all in int8, with ranges from
        the calibration. The quantizer ignores operators that it does not know.
    """
    places = around_convolutions(
        [(x.kind, x.inputs, x.outputs) for x in operators]
    )
    formats = []
    integers = set()
    for operator, place in zip(operators, places, strict=True):
        formats.append(_number_format(operator, place, variant, integers))
        if formats[-1] == STATIC:
            integers.update(operator.outputs)
    return formats


def _number_format(operator, place, variant, integers):
    if place == BEFORE:  # few weights, and the pixels stay exact
        return FLOAT32
    if variant == "float16":
        return FLOAT16
    if variant == "dynamic":
        # For depthwise convolutions LiteRT has no fast kernel of that kind:
        # measured, EfficientNet-Lite0 takes four times as long with them.
        depthwise = operator.kind == "DEPTHWISE_CONV_2D"
        return FLOAT16 if depthwise else DYNAMIC
    if place == BETWEEN:
        return STATIC
    if variant == "int8" and operator.kind in _EIGHT_BIT and operator.inputs:
        dense = operator.kind == "FULLY_CONNECTED" and len(operator.inputs) == 1
        if dense or integers.issuperset(operator.inputs):
            return STATIC
    return DYNAMIC
