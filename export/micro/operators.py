"""Which operators TensorFlow Lite for Microcontrollers has."""

# Those of its Python package that take int8, and whose results fit into it.
IN_INT8 = frozenset(
    """
    ADD AVERAGE_POOL_2D BATCH_TO_SPACE_ND CONCATENATION CONV_2D
    DEPTHWISE_CONV_2D DEPTH_TO_SPACE ELU EXPAND_DIMS FULLY_CONNECTED GATHER
    HARD_SWISH LEAKY_RELU LOGISTIC MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD
    MUL PACK PAD PADV2 PRELU REDUCE_MAX RELU RELU6 RESHAPE RESIZE_BILINEAR
    RESIZE_NEAREST_NEIGHBOR SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT
    SPLIT_V SQUEEZE STRIDED_SLICE SUB TANH TRANSPOSE TRANSPOSE_CONV UNPACK
    """.split()
)
# Those that take float32 only, or whose results do not: squares, roots.
IN_FLOAT32 = frozenset(
    """
    ABS BATCH_MATMUL CEIL COS DIV EXP FLOOR L2_NORMALIZATION LOG LOG_SOFTMAX NEG
    ROUND RSQRT SIN SQRT SQUARE SQUARED_DIFFERENCE SUM
    """.split()
)
# After one of those a network goes on in eight bits from here.
_BACK = {"FULLY_CONNECTED", "SOFTMAX"}
# Between the two.
_BETWEEN = {"DEQUANTIZE", "QUANTIZE"}


def check_micro_operators(operators):
    """Refuses a network that microcontrollers cannot run.

    Args:
        operators: Names of its operators, such as `"CONV_2D"`.

    Raises:
        ValueError: If TensorFlow Lite for Microcontrollers lacks one.

    Example:

    >>> check_micro_operators(["CONV_2D", "MEAN", "SOFTMAX"])
    """
    missing = sorted(set(operators) - IN_INT8 - IN_FLOAT32 - _BETWEEN)
    if missing == ["CAST"]:
        raise ValueError(
            "TensorFlow Lite for Microcontrollers has no operator CAST: build "
            "the network without layers that change the type of numbers, with "
            "float32 throughout, and load its weights into that. "
            "Received: CAST"
        )
    if missing:
        raise ValueError(
            "TensorFlow Lite for Microcontrollers has no operator "
            f"{' or '.join(missing)}, which the network needs: train one with "
            "`--pooling average`, or `bilinear`, on a backbone such as "
            f"mobilenet_v1_025. Received: {', '.join(missing)}"
        )


def in_eight_bits(operators):
    """Decides which operators compute in int8.

    A square or a root stays in float32, and so do the operators after it up to
    the next dense layer: int8 cannot hold the values of second-order pooling.

    Args:
        operators: `kerasfg.export.tflite_file.graph.Operator`s.

    Returns:
        List of booleans, one for each.
    """
    decided = []
    floats = set()
    for operator in operators:
        follows = not floats.isdisjoint(operator.inputs)
        is_float = operator.kind not in IN_INT8 or (
            follows and operator.kind not in _BACK
        )
        if is_float:
            floats.update(operator.outputs)
        decided.append(not is_float)
    return decided
