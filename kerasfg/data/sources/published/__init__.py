"""Reads the unpacked archives of the papers' data sets, without TensorFlow."""

from kerasfg.data.sources.published.awa2 import read_awa2
from kerasfg.data.sources.published.awa2 import read_awa2_attributes
from kerasfg.data.sources.published.cub200 import read_cub200
from kerasfg.data.sources.published.cub200 import read_cub200_attributes
from kerasfg.data.sources.published.deepfashion import read_deepfashion
from kerasfg.data.sources.published.deepfashion import (
    read_deepfashion_attributes,
)
from kerasfg.data.sources.published.flowers17 import read_flowers17
from kerasfg.data.sources.published.stanford_dogs import read_stanford_dogs

__all__ = [
    "read_awa2",
    "read_awa2_attributes",
    "read_cub200",
    "read_cub200_attributes",
    "read_deepfashion",
    "read_deepfashion_attributes",
    "read_flowers17",
    "read_stanford_dogs",
]
