"""Measures of classifiers, as numbers."""
