"""Fine-grained image classification at low resolution with Keras 3.

Importing this package registers its classes with Keras, so that a saved model
loads by `keras.saving.load_model(path)` without `custom_objects`. Layers,
losses, models and data are there at once. All else is imported when it is
first used, so that a script pays only for what it needs.
"""

import importlib
import importlib.metadata
import typing

from kerasfg import layers as layers
from kerasfg import losses as losses
from kerasfg import models as models
from kerasfg.data.attributes import AttributeTable as AttributeTable
from kerasfg.models import FineGrainedClassifier as FineGrainedClassifier

if typing.TYPE_CHECKING:
    from kerasfg import callbacks as callbacks
    from kerasfg import data as data
    from kerasfg import export as export
    from kerasfg.config import Recipe as Recipe
    from kerasfg.freed_memory import keep_freed_memory as keep_freed_memory
    from kerasfg.run import evaluate as evaluate
    from kerasfg.training import train as train

__version__ = importlib.metadata.version("kerasfg")

__all__ = [
    "AttributeTable",
    "FineGrainedClassifier",
    "Recipe",
    "callbacks",
    "data",
    "evaluate",
    "export",
    "keep_freed_memory",
    "layers",
    "losses",
    "models",
    "train",
]

# Where what is imported on first use is defined.
_FUNCTIONS = {
    "Recipe": "kerasfg.config",
    "evaluate": "kerasfg.run",
    "keep_freed_memory": "kerasfg.freed_memory",
    "train": "kerasfg.training",
}
_PACKAGES = (
    "callbacks",
    "config",
    "data",
    "distributed",
    "evaluation",
    "export",
    "recipes",
    "reproduce",
    "run",
    "training",
)


def __getattr__(name):
    if name in _PACKAGES:
        return importlib.import_module(f"kerasfg.{name}")
    if name in _FUNCTIONS:
        value = getattr(importlib.import_module(_FUNCTIONS[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'kerasfg' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, *_PACKAGES})
