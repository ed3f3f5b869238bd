"""The pictures of a report."""

from kerasfg.evaluation.confusion_plot import plot_confusion
from kerasfg.evaluation.history_plot import plot_history
from kerasfg.evaluation.mistakes_plot import plot_mistakes
from kerasfg.evaluation.reliability_plot import plot_reliability

__all__ = [
    "plot_confusion",
    "plot_history",
    "plot_mistakes",
    "plot_reliability",
]
