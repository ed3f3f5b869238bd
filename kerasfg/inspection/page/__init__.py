"""The page of `kerasfg inspect`."""
