"""Makes a file that takes exact pixels into one that takes frames."""

from __future__ import annotations

import functools

from kerasfg.export.frames.frame_size import check_frame_size
from kerasfg.export.frames.join_onnx import join_onnx
from kerasfg.export.frames.join_tflite import join_tflite
from kerasfg.export.frames.shrinking import shrinking
from kerasfg.export.inference.inference_graph import trace
from kerasfg.export.onnx_file.conversion import repeatable
from kerasfg.export.onnx_file.names import settle_names
from kerasfg.export.quiet import quiet
from kerasfg.export.runtime.load import runtime_of


def take_frames(contents: bytes, frame_size: int) -> bytes:
    """Puts the shrinking of a larger frame before a `.tflite` or `.onnx` file.

    Apps shrink a picture in ways that lose accuracy. A file that takes a frame
    is given a picture of about its own size, and shrinks it inside as
    `kerasfg.data.shrink` does; in photographs fewer than one number in ten
    thousand differs, by one. The network and its number formats do not change:
    quantize first, and add metadata afterwards.

    Args:
        contents: Bytes of a file of `export_tflite`, `export_onnx` or
            `quantize`, which takes one picture, uint8 `(1, N, N, 3)`.
        frame_size: Side of the frame in pixels, `F`: from N to 1024, and at
            most 100 N. With N the file stays as it is.

    Returns:
        Bytes of the file that takes a frame, uint8 `(1, F, F, 3)`, which has
        not been run yet. They are determined by the arguments.

    Raises:
        ValueError: If `contents` is not such a file, or `frame_size` is out of
            range.

    Example:

    ```python
    kerasfg.export.export_tflite(model, "pixels.tflite")
    contents = pathlib.Path("pixels.tflite").read_bytes()
    pathlib.Path("frames.tflite").write_bytes(take_frames(contents, 256))
    ```
    """
    tflite = contents[4:8] == b"TFL3"
    size = runtime_of("tflite" if tflite else "onnx")(contents).image_size
    check_frame_size(frame_size, size)
    frame_size = int(frame_size)
    if frame_size == size:
        return contents
    if tflite:
        return join_tflite(shrinking_tflite(frame_size, size), contents)
    opset = _opset(contents)
    return join_onnx(shrinking_onnx(frame_size, size, opset), contents)


def _function(frame_size, image_size):
    shrink = shrinking(frame_size, image_size)
    return trace(lambda image: {"pixels": shrink(image)}, frame_size)


@functools.lru_cache(8)
def shrinking_tflite(frame_size, image_size):
    """Returns the bytes of a `.tflite` file that shrinks and does no more."""
    import tensorflow as tf

    with quiet():
        function = _function(frame_size, image_size)
        return tf.lite.TFLiteConverter.from_concrete_functions(
            [function.get_concrete_function()], function
        ).convert()


@functools.lru_cache(8)
def shrinking_onnx(frame_size, image_size, opset):
    """Returns the bytes of an `.onnx` file that shrinks and does no more."""
    with quiet():
        import tf2onnx

        function = _function(frame_size, image_size)
        concrete = function.get_concrete_function()
        with repeatable():
            proto, _ = tf2onnx.convert.from_function(
                function, concrete.structured_input_signature[0], opset
            )
        settle_names(proto, "shrink")  # two may have the same name
    return proto.SerializeToString(deterministic=True)


def _opset(contents):
    import onnx

    (standard,) = (
        entry.version
        for entry in onnx.load_model_from_string(contents).opset_import
        if not entry.domain
    )
    return standard
