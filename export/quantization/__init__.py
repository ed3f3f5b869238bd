"""Quantizes files, and decides in which number formats they compute."""
