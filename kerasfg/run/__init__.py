"""A run folder, and what is done with a finished training."""

from kerasfg.run.run_folder import RunFolder
from kerasfg.run.trained_run import TrainedRun

__all__ = ["RunFolder", "TrainedRun"]
