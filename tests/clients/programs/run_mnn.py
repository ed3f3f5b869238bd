"""Converts a .tflite or .onnx file to MNN's own format, and runs it."""

import pathlib
import subprocess
import sys
import tempfile

import job
import MNN.expr
import MNN.nn
import numpy as np


def start(given):
    with tempfile.TemporaryDirectory() as folder:
        file = convert(given["file"], pathlib.Path(folder) / "model.mnn")
        # Without names an .onnx file gives nothing.
        onnx = given["file"].endswith(".onnx")
        names = (["image"], ["probabilities"]) if onnx else ([], [])
        model = MNN.nn.load_module_from_file(file, *names)
    side = given["image_size"]

    def predict(picture):
        frame = job.pixels(picture, side)[None]
        source = MNN.expr.placeholder(
            frame.shape, MNN.expr.NHWC, MNN.expr.uint8
        )
        source.write(frame)
        output = model.forward([source])
        return np.array(output[0].read()).reshape(-1)

    return predict


def convert(file, target):
    kind = "TFLITE" if file.endswith(".tflite") else "ONNX"
    program = pathlib.Path(sys.executable).with_name("mnnconvert")
    arguments = ["-f", kind, "--modelFile", file, "--MNNModel", target]
    done = subprocess.run(
        [program, *arguments, "--bizCode", "kerasfg"],
        capture_output=True,
        text=True,
    )
    if not target.is_file():
        raise SystemExit(done.stdout[-1000:] + done.stderr[-1000:])
    return str(target)


job.answer(start)
