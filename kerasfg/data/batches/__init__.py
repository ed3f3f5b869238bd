"""Makes batches for training and evaluation from low-resolution pixels."""
