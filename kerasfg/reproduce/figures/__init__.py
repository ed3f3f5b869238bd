"""Figures of the results of a grid."""
