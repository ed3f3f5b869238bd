"""Size, latency and accuracy of exported files, and which to take."""
