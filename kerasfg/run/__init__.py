"""Run folders, and the evaluation, export and use of a finished training.

Names are imported on first use, since classifying a picture with an exported
file needs neither Keras nor TensorFlow.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from kerasfg.run.evaluation import evaluate as evaluate
    from kerasfg.run.features import plot_features as plot_features
    from kerasfg.run.predictor import Predictor as Predictor
    from kerasfg.run.predictor import load_predictor as load_predictor
    from kerasfg.run.run_folder import RunFolder as RunFolder
    from kerasfg.run.trained_run import TrainedRun as TrainedRun

_MODULES = {
    "Predictor": "predictor",
    "RunFolder": "run_folder",
    "TrainedRun": "trained_run",
    "evaluate": "evaluation",
    "load_predictor": "predictor",
    "plot_features": "features",
}

__all__ = [
    "Predictor",
    "RunFolder",
    "TrainedRun",
    "evaluate",
    "load_predictor",
    "plot_features",
]


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module 'kerasfg.run' has no attribute {name!r}")
    module = importlib.import_module(f"kerasfg.run.{_MODULES[name]}")
    return getattr(module, name)


def __dir__():
    return sorted({*globals(), *__all__})
