"""Finds the picture files of a folder, and counts what is left out."""
