"""Keras callbacks for the training of a `FineGrainedClassifier`."""

from kerasfg.callbacks.centroid_refresh import CentroidRefresh
from kerasfg.callbacks.term_watch import TermWatch

__all__ = ["CentroidRefresh", "TermWatch"]
