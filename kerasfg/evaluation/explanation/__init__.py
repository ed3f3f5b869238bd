"""Explanations of a classifier's answers.

By itself it imports neither Keras nor TensorFlow; `import kerasfg` does.
"""
