"""Reads and changes the bytes of a .tflite file."""
