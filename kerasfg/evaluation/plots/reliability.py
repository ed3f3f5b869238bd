"""Draws the reliability diagram: accuracy against confidence."""

import numpy as np

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.metrics.calibration import calibration_error
from kerasfg.evaluation.metrics.calibration import reliability
from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities


def plot_reliability(
    labels, probabilities, temperature, filepath, threshold=None
):
    """Draws accuracy against confidence, without and with the temperature.

    On the diagonal the accuracy equals the confidence. The lower panels show
    the share of the pictures in each bin.

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of the network, `(n, classes)`,
            without the temperature.
        temperature: Positive float, see `fit_temperature`.
        filepath: Path of the picture.
        threshold: Confidence, with the temperature, below which the answer is
            "not sure". Defaults to `None`: not drawn.

    Reference:

    - [Guo et al., 2017](https://arxiv.org/abs/1706.04599), Fig. 1
    """
    _, given = check_predictions(labels, probabilities)
    calibrated = Probabilities(given.values, temperature)
    figure = new_figure(9.0, 5.0)
    figure.get_layout_engine().set(wspace=0.07)
    panels = figure.subplots(
        2, 2, sharex=True, sharey="row", height_ratios=(4, 1)
    )
    for (upper, lower), title, shown in zip(
        panels.T,
        ("without temperature", f"with temperature {temperature:.2f}"),
        (given, calibrated),
        strict=True,
    ):
        error = percent(calibration_error(labels, shown))
        upper.set_title(f"{title}\ncalibration error {error}", fontsize=11)
        _draw_bins(upper, lower, reliability(labels, shown), len(labels))
    if threshold is not None and threshold < 1:
        for axes in panels[:, 1]:
            axes.axvline(
                threshold,
                color=ORANGE,
                linewidth=1.8,
                linestyle="--",
                label=f"not sure below {percent(threshold)}",
            )
        panels[0, 1].legend(
            loc="upper left", fontsize=9, framealpha=1, edgecolor="white"
        )
    panels[0, 0].set_ylabel("accuracy")
    panels[1, 0].set_ylabel("pictures")
    for axes in panels[1]:
        axes.set_xlabel("confidence")
    save_figure(figure, filepath)


def _draw_bins(upper, lower, bins, n):
    low = np.array([b["low"] for b in bins])
    widths = np.array([b["high"] for b in bins]) - low
    accuracy = np.array([b["accuracy"] for b in bins])
    style = {"align": "edge", "edgecolor": "white", "linewidth": 0.8}
    upper.bar(low, accuracy, widths, color=BLUE, **style)
    upper.plot([0, 1], [0, 1], color=GREY, linewidth=1.2, linestyle="--")
    lower.bar(low, [b["n"] / n for b in bins], widths, color=GREY, **style)
    upper.set_xlim(0, 1)
    upper.set_ylim(0, 1)
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
        axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.0f} %")
