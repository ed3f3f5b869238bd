"""Lists of pictures: CSV tables, COCO and MegaDetector JSON."""
