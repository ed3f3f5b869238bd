"""Writes an operator's code in both fields that readers look at."""

from kerasfg.export.tflite_file.model_object import packed
from kerasfg.export.tflite_file.model_object import unpacked

# Codes from here on do not fit into the old field, which then holds this one.
_NEWER = 127


def with_old_codes(contents):
    """Writes the codes of operators also where old readers look for them.

    The schema has two fields for an operator's code: a byte that is deprecated
    and a wider one. `litert_quantizer` leaves the byte of the `QUANTIZE` and
    `DEQUANTIZE` that it adds at 0, which is `ADD`. LiteRT takes the larger
    code, but OpenVINO reads the byte, and refuses the file ("opts != nullptr").

    Args:
        contents: Bytes of the file.

    Returns:
        Bytes of an equivalent file, without any data after the model.
    """
    model = unpacked(contents)
    for kind in model.operatorCodes:
        code = max(kind.builtinCode, kind.deprecatedBuiltinCode)
        kind.builtinCode = code
        kind.deprecatedBuiltinCode = min(code, _NEWER)
    return packed(model)
