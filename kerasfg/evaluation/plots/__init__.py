"""Plots of measurements, one kind of plot per module."""

from kerasfg.evaluation.plots.attention import plot_attention
from kerasfg.evaluation.plots.confusion import plot_confusion
from kerasfg.evaluation.plots.distance import plot_distance
from kerasfg.evaluation.plots.history import plot_history
from kerasfg.evaluation.plots.mistakes import plot_mistakes
from kerasfg.evaluation.plots.reliability import plot_reliability
from kerasfg.evaluation.plots.resolutions import plot_resolutions
from kerasfg.evaluation.plots.tsne import plot_tsne

__all__ = [
    "plot_attention",
    "plot_confusion",
    "plot_distance",
    "plot_history",
    "plot_mistakes",
    "plot_reliability",
    "plot_resolutions",
    "plot_tsne",
]
