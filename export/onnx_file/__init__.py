"""Converts and orders the graph of an .onnx file."""
