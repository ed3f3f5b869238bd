"""What single values of `kerasfg.json` must be like."""
