"""Training by a recipe, and what is done with the run folder it leaves."""

from kerasfg.training.centroid_refresh import CentroidRefresh as CentroidRefresh
from kerasfg.training.recipe import Recipe as Recipe
from kerasfg.training.run_folder import RunFolder as RunFolder
from kerasfg.training.train import train as train
from kerasfg.training.trained_run import TrainedRun as TrainedRun

__all__ = ["CentroidRefresh", "Recipe", "RunFolder", "TrainedRun", "train"]
