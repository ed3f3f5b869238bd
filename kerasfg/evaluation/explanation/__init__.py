"""Why a classifier answers what it answers.

Importing it imports neither Keras nor TensorFlow.
"""
