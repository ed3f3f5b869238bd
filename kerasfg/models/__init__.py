"""Backbones and the classifier that stands on them."""

from kerasfg.models.backbones import BACKBONES as BACKBONES
from kerasfg.models.backbones import backbone as backbone
from kerasfg.models.fine_grained_classifier import (
    FineGrainedClassifier as FineGrainedClassifier,
)

__all__ = ["BACKBONES", "FineGrainedClassifier", "backbone"]
