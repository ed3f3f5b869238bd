"""The bytes of a .tflite file."""
