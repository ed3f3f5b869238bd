"""The sections of a recipe, and what their keys may be."""

from kerasfg.config.sections.methods import Attributes
from kerasfg.config.sections.methods import PairTerms
from kerasfg.config.sections.methods import Teacher
from kerasfg.config.sections.network import Model
from kerasfg.config.sections.pictures import Augmentation
from kerasfg.config.sections.pictures import Data
from kerasfg.config.sections.training import Training

__all__ = [
    "Attributes",
    "Augmentation",
    "Data",
    "Model",
    "PairTerms",
    "Teacher",
    "Training",
]
