"""Shrinks frames as the files of a format do it inside."""

import dataclasses

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.frames.take_frames import shrinking_onnx
from kerasfg.export.frames.take_frames import shrinking_tflite
from kerasfg.export.onnx import OPSET
from kerasfg.export.quiet import quiet


@dataclasses.dataclass(frozen=True, eq=False)
class ShrunkFrames:
    """What frames become inside a file.

    Attributes:
        images: uint8 array `(pictures, N, N, 3)`.
        differing: How many of its numbers are not Pillow's.
        largest: Largest difference of a number from Pillow's.
    """

    images: np.ndarray
    differing: int
    largest: int


def shrunk_frames(frames, image_size, format_):
    """Shrinks frames in the runtime of a format, and compares with Pillow.

    Args:
        frames: uint8 `(pictures, F, F, 3)`.
        image_size: N, not more than F.
        format_: `"tflite"` or `"onnx"`.

    Returns:
        `ShrunkFrames`.
    """
    run = (_tflite if format_ == "tflite" else _onnx)(
        frames.shape[1], image_size
    )
    images = np.stack([run(frame[None])[0] for frame in frames])
    exact = np.stack([shrink(Image.fromarray(x), image_size) for x in frames])
    difference = np.abs(images - exact)
    return ShrunkFrames(
        images.astype("uint8"),
        int(np.count_nonzero(difference)),
        int(difference.max()),
    )


def _tflite(frame_size, image_size):
    from ai_edge_litert.interpreter import Interpreter

    with quiet():
        interpreter = Interpreter(
            model_content=shrinking_tflite(frame_size, image_size)
        )
        interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]

    def run(frame):
        interpreter.set_tensor(source, frame)
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return run


def _onnx(frame_size, image_size):
    import onnxruntime

    session = onnxruntime.InferenceSession(
        shrinking_onnx(frame_size, image_size, OPSET),
        providers=["CPUExecutionProvider"],
    )
    name = session.get_inputs()[0].name
    return lambda frame: session.run(None, {name: frame})[0]
