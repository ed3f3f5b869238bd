"""Exported files, run as a phone runs them; no TensorFlow."""
