"""Sources of labelled pictures: folders, TFDS and published archives."""
