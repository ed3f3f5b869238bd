"""Runs an .onnx file in OpenCV's dnn; OpenCV resizes, without antialiasing."""

import cv2
import job
import numpy as np

cv2.setNumThreads(1)


def start(given):
    net = cv2.dnn.readNet(given["file"])
    side = given["image_size"]

    def predict(picture):
        # OpenCV's own default.
        frame = cv2.resize(
            np.asarray(job.square(picture)),
            (side, side),
            interpolation=cv2.INTER_LINEAR,
        )
        net.setInput(frame[None])
        return net.forward().reshape(-1)

    return predict


job.answer(start)
