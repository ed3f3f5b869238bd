"""Runs an .onnx file in onnxruntime; Pillow resizes."""

import job
import onnxruntime


def start(given):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # waiting threads would disturb others
    session = onnxruntime.InferenceSession(
        given["file"], options, providers=["CPUExecutionProvider"]
    )
    (source,) = session.get_inputs()

    def predict(picture):
        frame = job.pixels(picture, source.shape[1])
        return session.run(None, {source.name: frame[None]})[0][0]

    return predict


job.answer(start)
