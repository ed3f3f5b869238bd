"""Draws the confusion matrix."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from rich.cells import cell_len

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.metrics.confusion import drawn_matrix
from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure

NUMBERED_CLASSES = 25
LABELLED_CLASSES = 250
LABEL_LENGTH = 28
# The lowest colour differs clearly from white, the colour of 0.
SHARES = ["#d3e3f3", "#92bbe2", BLUE, "#0b2f5c"]


def plot_confusion(report, filepath):
    """Draws the confusion matrix of the test pictures.

    Colours show the share of the true class. The row of a class without a test
    picture is grey. Up to 25 classes also have the counts in the cells;
    with more than 1000 a row stands for several.

    Args:
        report: Dict as `evaluate_predictions` returns it.
        filepath: Path of the picture.
    """
    counts = drawn_matrix(report["test"])
    names = [drawable(name, LABEL_LENGTH) for name in report["classes"]]
    # More classes have smaller cells, but a name needs about seven points.
    cell = np.interp(len(names), (2, 10, 25, 100), (0.9, 0.6, 0.4, 0.13))
    longest = max(cell_len(name) for name in names)
    upright = longest * 0.09 > cell
    labelled = len(names) <= LABELLED_CLASSES
    # Without labels it need not be large, and a large one takes much memory.
    size = min(max(cell * len(names), 3.0), 26 if labelled else 12)
    margin = min(longest, LABEL_LENGTH) * 0.085 if labelled else 0.2
    figure = new_figure(
        size + margin + 1.5, size + (margin if upright else 0.3) + 1.1
    )
    axes = figure.add_subplot()
    image = _draw_shares(axes, counts)
    large = 11 * float(np.clip(size / 7, 1, 1.8))
    _draw_color_bar(axes, image, size, 0.8 * large)

    points = float(np.clip(72 * size / len(names) * 0.78, 3, 10))
    style = {"fontsize": points, **label_style()}
    ticks = np.arange(len(names)) if labelled else []
    names = names if labelled else []
    axes.set_yticks(ticks, names, **style)
    axes.set_xticks(ticks, names, rotation=90 if upright else 0, **style)
    axes.tick_params(length=0, pad=3)
    axes.set_xlabel("predicted", fontsize=large)
    axes.set_ylabel("true", fontsize=large)
    axes.set_title(_title(report["test"]), fontsize=large, pad=large)
    if len(counts) <= NUMBERED_CLASSES:
        _write_counts(axes, counts, points)
    save_figure(figure, filepath)


def _draw_shares(axes, counts):
    rows = counts.sum(axis=1, keepdims=True)
    shares = np.ma.masked_array(
        counts / np.maximum(rows, 1), np.broadcast_to(rows == 0, counts.shape)
    )
    colors = LinearSegmentedColormap.from_list(
        "shares", SHARES, under="white", bad="#e3e3e3"
    )
    image = axes.imshow(shares, cmap=colors, vmin=1e-9, vmax=1)
    # Lines between the cells help to find the cell of a label.
    edges = np.arange(1, len(counts)) - 0.5
    if len(counts) <= LABELLED_CLASSES:
        ends = (-0.5, len(counts) - 0.5)
        axes.hlines(edges, *ends, color="#e6e9ee", linewidth=0.5)
        axes.vlines(edges, *ends, color="#e6e9ee", linewidth=0.5)
        axes.set(xlim=ends, ylim=ends[::-1])
    axes.spines[:].set_color("#b9bec6")
    return image


def _draw_color_bar(axes, image, size, fontsize):
    # An inset is as high as the matrix, whatever the size of the labels.
    inset = axes.inset_axes((1 + 0.15 / size, 0, 0.16 / size, 1))
    bar = axes.figure.colorbar(image, cax=inset)
    bar.set_label("share of the true class", fontsize=fontsize)
    bar.outline.set_visible(False)
    inset.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    inset.tick_params(labelsize=0.9 * fontsize, length=2)


def _write_counts(axes, counts, points):
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for i, j in np.argwhere(counts):
        axes.text(
            j,
            i,
            f"{counts[i, j]}",
            ha="center",
            va="center",
            fontsize=points,
            color="white" if shares[i, j] > 0.5 else "#1b2a3c",
        )


def _title(test):
    low, high = test["top_1_interval"]
    return (
        f"Top-1 {percent(test['top_1'])} of n = {test['n']:,}\n"
        f"95 % interval {percent(low)} to {percent(high)}"
    )
