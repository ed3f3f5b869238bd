"""What `kerasfg phone` reads besides exports: examples, names of classes."""
