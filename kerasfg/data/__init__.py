"""Turns labelled pictures into low-resolution pixels, without TensorFlow."""

from kerasfg.data.batches.balanced import balanced_order
from kerasfg.data.datasets import Datasets
from kerasfg.data.datasets import datasets_from_directory
from kerasfg.data.datasets import datasets_from_source
from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.data.field_guide.field_guide import field_guide_attributes
from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.pixels.cache import prepare
from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.low_resolution import resample
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.sources.folder import from_folder
from kerasfg.data.sources.place import from_places
from kerasfg.data.sources.source import Source
from kerasfg.data.sources.tfds import from_tfds
from kerasfg.data.splits import assign_splits
from kerasfg.data.splits import read_splits
from kerasfg.data.splits import write_splits

__all__ = [
    "Datasets",
    "PixelCache",
    "Source",
    "assign_splits",
    "balanced_order",
    "datasets_from_directory",
    "datasets_from_source",
    "decode_image",
    "field_guide",
    "field_guide_attributes",
    "from_folder",
    "from_places",
    "from_tfds",
    "prepare",
    "read_splits",
    "resample",
    "shrink",
    "write_splits",
]
