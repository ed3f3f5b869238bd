"""The graph of an .onnx file."""
