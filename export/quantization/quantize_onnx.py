"""Quantizes a float32 .onnx file."""

import pathlib

from kerasfg.export.familiarity.onnx_head import head_nodes
from kerasfg.export.familiarity.onnx_head import round_constants
from kerasfg.export.onnx_file.names import settle_names
from kerasfg.export.quantization.around_convolutions import BEFORE
from kerasfg.export.quantization.around_convolutions import BETWEEN
from kerasfg.export.quantization.around_convolutions import around_convolutions
from kerasfg.export.quantization.halve_weights import halve_weights
from kerasfg.export.quiet import quiet
from kerasfg.temporary_folder import temporary_folder


def quantize_onnx(contents, variant, images=None):
    """Quantizes with onnxruntime's quantizer; see `kerasfg.export.quantize`.

    Args:
        contents: Bytes of a float32 `.onnx` file.
        variant: `"float16"` or `"int8"`.
        images: Calibration pictures, uint8 `(pictures, N, N, 3)`, for
            `"int8"`. Defaults to `None`.

    Returns:
        Bytes of the file, which has not been run yet.
    """
    with quiet():
        import onnx

        proto = onnx.load_model_from_string(contents)
        name = proto.graph.name
        if variant == "float16":
            halve_weights(proto)
        else:
            with temporary_folder() as directory:
                proto = _static(proto, images, pathlib.Path(directory))
            round_constants(proto.graph)
        settle_names(proto, name)
        onnx.checker.check_model(proto, full_check=True)
    return proto.SerializeToString(deterministic=True)


def _static(proto, images, directory):
    """Rounds weights and maps to eight bits, in ranges from calibration."""
    import onnx
    from onnxruntime import quantization

    folded = _folded(proto, directory)
    quantization.quantize_static(
        folded,
        directory / "quantized.onnx",
        _reader(folded.graph.input[0].name, images),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        # Measured on x86: with int8 maps it takes twice as long.
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        # Seven bits: of eight, x86 without VNNI saturates sums of products.
        reduce_range=True,
        nodes_to_exclude=_float32_nodes(folded.graph),
    )
    quantized = onnx.load(directory / "quantized.onnx")
    del quantized.metadata_props[:]  # notes of the quantizer
    return quantized


def _folded(proto, directory):
    """Folds batch normalization into the convolutions, also depthwise ones.

    Without it a map is rounded to eight bits before it is scaled: measured,
    four times the error.
    """
    import onnx
    from onnxruntime.quantization.shape_inference import quant_pre_process

    onnx.save(proto, directory / "float32.onnx")
    quant_pre_process(
        directory / "float32.onnx",
        directory / "folded.onnx",
        skip_symbolic_shape=True,  # all shapes are fixed
    )
    folded = onnx.load(directory / "folded.onnx")
    for i, node in enumerate(folded.graph.node):
        node.name = f"node_{i}"  # nodes are left out by name
    return folded


def _float32_nodes(graph):
    """Lists the nodes in float32: scaling, pooling, softmax, familiarity."""
    constants = {tensor.name for tensor in graph.initializer}
    places = around_convolutions(
        [(x.op_type, list(x.input), list(x.output)) for x in graph.node]
    )
    exact = {node.name for node in head_nodes(graph)}
    return [
        node.name
        for node, place in zip(graph.node, places, strict=True)
        if node.name in exact
        or place == BEFORE
        or place != BETWEEN
        and not (
            node.op_type in ("Gemm", "MatMul") and node.input[1] in constants
        )
    ]


def _reader(name, images):
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        def __init__(self):
            self._images = iter(images)

        def get_next(self):
            image = next(self._images, None)
            return None if image is None else {name: image[None]}

    return Reader()
