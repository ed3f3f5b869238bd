"""Runs a .tflite file in tflite-runtime; Pillow resizes."""

import job
from tflite_runtime.interpreter import Interpreter


def start(given):
    interpreter = Interpreter(given["file"])
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    (target,) = interpreter.get_output_details()

    def predict(picture):
        frame = job.pixels(picture, int(source["shape"][1]))
        interpreter.set_tensor(source["index"], frame[None])
        interpreter.invoke()
        return interpreter.get_tensor(target["index"])[0]

    return predict


job.answer(start)
