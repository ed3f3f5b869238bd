"""Backbones, and a classifier with such a backbone."""

from kerasfg.models.backbones import BACKBONES as BACKBONES
from kerasfg.models.backbones import backbone as backbone
from kerasfg.models.fine_grained_classifier import (
    FineGrainedClassifier as FineGrainedClassifier,
)

__all__ = ["BACKBONES", "FineGrainedClassifier", "backbone"]
