"""The results of a grid as pictures."""
