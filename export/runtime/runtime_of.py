"""Which runtime runs which format."""


def runtime_of(format_):
    """Returns `TFLiteClassifier` for `"tflite"`, or else `ONNXClassifier`."""
    if format_ == "tflite":
        from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier

        return TFLiteClassifier
    from kerasfg.export.runtime.onnx_classifier import ONNXClassifier

    return ONNXClassifier
