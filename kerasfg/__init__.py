"""Fine-grained image classification at low resolution with Keras 3.

Importing this package registers its classes with Keras, so that a saved model
loads by `keras.saving.load_model(path)` without `custom_objects`.
"""

import importlib.metadata

from kerasfg import freed_memory as freed_memory
from kerasfg import layers as layers
from kerasfg import losses as losses
from kerasfg import models as models
from kerasfg.data.attributes import AttributeTable as AttributeTable
from kerasfg.models import FineGrainedClassifier as FineGrainedClassifier

__version__ = importlib.metadata.version("kerasfg")

__all__ = [
    "AttributeTable",
    "FineGrainedClassifier",
    "freed_memory",
    "layers",
    "losses",
    "models",
]
