"""Quantizes files, and decides which numbers they compute in."""
