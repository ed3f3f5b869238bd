"""Explanations of a classifier's answers.

Importing it imports neither Keras nor TensorFlow.
"""
