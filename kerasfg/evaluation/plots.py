"""The pictures of an evaluation."""

from kerasfg.evaluation.attention_plot import plot_attention
from kerasfg.evaluation.confusion_plot import plot_confusion
from kerasfg.evaluation.history_plot import plot_history
from kerasfg.evaluation.mistakes_plot import plot_mistakes
from kerasfg.evaluation.reliability_plot import plot_reliability
from kerasfg.evaluation.resolution_plot import plot_resolutions
from kerasfg.evaluation.tsne_plot import plot_tsne

__all__ = [
    "plot_attention",
    "plot_confusion",
    "plot_history",
    "plot_mistakes",
    "plot_reliability",
    "plot_resolutions",
    "plot_tsne",
]
