"""Measures and plots the accuracy and the mistakes of classifiers.

Importing it does not import TensorFlow.
"""

from kerasfg.evaluation.distance.card import distance_card
from kerasfg.evaluation.distance.optics import pixels_on_subject
from kerasfg.evaluation.explanation.activation_map import class_activation_map
from kerasfg.evaluation.explanation.nearest_pictures import nearest_pictures
from kerasfg.evaluation.how_sure.class_thresholds import fit_class_thresholds
from kerasfg.evaluation.how_sure.class_thresholds import (
    measure_class_thresholds,
)
from kerasfg.evaluation.how_sure.intervals import bootstrap_interval
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.how_sure.slices import accuracy_by
from kerasfg.evaluation.metrics.attribute_confusion import attribute_confusion
from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.evaluation.metrics.calibration import calibration_error
from kerasfg.evaluation.metrics.calibration import confidence_threshold
from kerasfg.evaluation.metrics.calibration import fit_temperature
from kerasfg.evaluation.metrics.classification import classification_metrics
from kerasfg.evaluation.metrics.familiarity import fit_familiarity
from kerasfg.evaluation.metrics.familiarity import measure_familiarity
from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.evaluation.metrics.familiarity_head import load_familiarity
from kerasfg.evaluation.metrics.levels import coarser_name
from kerasfg.evaluation.metrics.levels import fit_levels
from kerasfg.evaluation.metrics.levels import measure_levels
from kerasfg.evaluation.metrics.localization import localization
from kerasfg.evaluation.metrics.nearest_neighbour import color_histograms
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_class_mean
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_neighbour
from kerasfg.evaluation.metrics.prediction_sets import divided_sets
from kerasfg.evaluation.metrics.prediction_sets import fit_sets
from kerasfg.evaluation.metrics.prediction_sets import in_set
from kerasfg.evaluation.metrics.prediction_sets import lowest_probability
from kerasfg.evaluation.metrics.prediction_sets import measure_sets
from kerasfg.evaluation.metrics.question import ask
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.resolution_curve import resolution_curve
from kerasfg.evaluation.metrics.silhouette import silhouettes
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions
from kerasfg.evaluation.plots import plot_attention
from kerasfg.evaluation.plots import plot_confusion
from kerasfg.evaluation.plots import plot_distance
from kerasfg.evaluation.plots import plot_history
from kerasfg.evaluation.plots import plot_mistakes
from kerasfg.evaluation.plots import plot_reliability
from kerasfg.evaluation.plots import plot_resolutions
from kerasfg.evaluation.plots import plot_tsne
from kerasfg.evaluation.plots.attention import attention_maps
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import print_report
from kerasfg.evaluation.report.report import read_report
from kerasfg.evaluation.report.report import write_report

__all__ = [
    "Familiarity",
    "accuracy_by",
    "apply_temperature",
    "ask",
    "attention_maps",
    "attribute_confusion",
    "bootstrap_interval",
    "calibration_error",
    "class_activation_map",
    "classification_metrics",
    "coarser_name",
    "color_histograms",
    "confidence_threshold",
    "distance_card",
    "divided_sets",
    "evaluate_predictions",
    "fit_class_thresholds",
    "fit_familiarity",
    "fit_levels",
    "fit_sets",
    "fit_temperature",
    "in_set",
    "load_familiarity",
    "localization",
    "lowest_probability",
    "measure_class_thresholds",
    "measure_familiarity",
    "measure_levels",
    "measure_sets",
    "nearest_class_mean",
    "nearest_neighbour",
    "nearest_pictures",
    "pixels_on_subject",
    "plot_attention",
    "plot_confusion",
    "plot_distance",
    "plot_history",
    "plot_mistakes",
    "plot_reliability",
    "plot_resolutions",
    "plot_tsne",
    "print_report",
    "questions_of",
    "read_report",
    "resolution_curve",
    "share_interval",
    "silhouettes",
    "simulate_questions",
    "write_report",
]
