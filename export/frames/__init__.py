"""Files that take a larger frame and shrink it inside as training did."""
