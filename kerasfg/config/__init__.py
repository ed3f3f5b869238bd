"""Recipes, and the pictures, attributes and network that they describe."""

from kerasfg.config.recipe import Recipe

__all__ = ["Recipe"]
