"""Runs an .onnx or .tflite file in OpenVINO, which resizes by itself."""

import job
import numpy as np
import openvino
from openvino.preprocess import PrePostProcessor
from openvino.preprocess import ResizeAlgorithm


def start(given):
    core = openvino.Core()
    steps = PrePostProcessor(core.read_model(given["file"]))
    source = steps.input()
    source.tensor().set_layout(openvino.Layout("NHWC"))
    source.tensor().set_spatial_dynamic_shape()
    source.model().set_layout(openvino.Layout("NHWC"))
    source.preprocess().resize(ResizeAlgorithm.RESIZE_LINEAR)
    # Where a processor has bfloat16, OpenVINO takes that by default.
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    model = core.compile_model(steps.build(), "CPU", exact)

    def predict(picture):
        return model(np.asarray(job.square(picture))[None])[0][0]

    return predict


job.answer(start)
