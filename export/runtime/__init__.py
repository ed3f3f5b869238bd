"""Runs exported files in the runtimes of phones, without TensorFlow."""
