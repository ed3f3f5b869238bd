"""Where labelled pictures come from: folders, TFDS, published archives."""
