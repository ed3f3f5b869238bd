"""Further inputs of `kerasfg phone`: examples, names of classes."""
