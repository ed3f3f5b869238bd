"""How far away a subject may be: from metres to pixels to accuracy.

By itself it imports neither Keras nor TensorFlow; `import kerasfg` does.
"""
