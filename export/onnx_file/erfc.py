"""The operator `Erfc`, which tf2onnx does not know."""

import numpy as np


def erfc_handlers():
    """Returns tf2onnx's `custom_op_handlers` for `Erfc`.

    Keras writes the exact GELU with it. `erfc(x) = 1 - erf(x)`.
    """
    return {"Erfc": (_one_minus_erf, [])}


def _one_minus_erf(context, node, name, _):
    from tf2onnx.utils import make_name

    (output,) = node.output
    shape, dtype = context.get_shape(output), context.get_dtype(output)
    erf = context.make_node("Erf", [node.input[0]]).output[0]
    one = context.make_const(make_name("one"), np.float32(1)).output[0]
    context.remove_node(node.name)
    context.make_node(
        "Sub",
        [one, erf],
        outputs=[output],
        shapes=[shape],
        dtypes=[dtype],
        name=name,
    )
