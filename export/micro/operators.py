"""Which operators TensorFlow Lite for Microcontrollers has."""

# Those of its Python package that take int8.
IN_INT8 = frozenset(
    """
    ABS ADD AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND CONCATENATION CONV_2D
    DEPTHWISE_CONV_2D DEPTH_TO_SPACE DIV ELU EXPAND_DIMS FULLY_CONNECTED GATHER
    HARD_SWISH L2_NORMALIZATION LEAKY_RELU LOGISTIC LOG_SOFTMAX MAXIMUM
    MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL PACK PAD PADV2 PRELU REDUCE_MAX RELU
    RELU6 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR SLICE SOFTMAX
    SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQUARED_DIFFERENCE SQUEEZE
    STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV UNPACK
    """.split()
)
# Those that take float32 only, or lose too much in eight bits.
IN_FLOAT32 = frozenset(
    "CEIL COS EXP FLOOR LOG NEG ROUND RSQRT SIN SQRT SQUARE".split()
)
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
    if missing:
        raise ValueError(
            "TensorFlow Lite for Microcontrollers has no operator "
            f"{' or '.join(missing)}, which the network needs: train one with "
            "`--pooling average`, on a backbone of convolutions such as "
            f"mobilenet_v1_025. Received: {', '.join(missing)}"
        )
