"""What apps do to a picture before a model gets it, and what that costs."""
