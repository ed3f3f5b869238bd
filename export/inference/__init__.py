"""Makes the inference graph from which all files are exported."""
