"""Training by a recipe."""

from kerasfg.training.train import train

__all__ = ["train"]
