"""How far away a subject may be: from metres to pixels to accuracy.

Importing it imports neither Keras nor TensorFlow.
"""
