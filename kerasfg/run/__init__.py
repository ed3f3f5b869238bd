"""A run folder, and what is done with a finished training."""

from kerasfg.run.run_folder import RunFolder

__all__ = ["RunFolder", "TrainedRun"]


def __getattr__(name):
    """Loads `TrainedRun`, and Keras with it, when it is first asked for."""
    if name == "TrainedRun":
        from kerasfg.run.trained_run import TrainedRun

        return TrainedRun
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
