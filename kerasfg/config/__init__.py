"""What a recipe says, and the pictures, attributes and network it describes."""

from kerasfg.config.recipe import Recipe

__all__ = ["Recipe"]
