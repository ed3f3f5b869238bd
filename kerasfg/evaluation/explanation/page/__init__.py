"""The page that `kerasfg predict --why` writes."""
