"""Low-resolution pixels in, the batches of a training out."""
