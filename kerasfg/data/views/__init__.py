"""Random views of the training pictures, made once and stored."""
