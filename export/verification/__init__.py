"""Runs exported files and compares their results with Keras."""
