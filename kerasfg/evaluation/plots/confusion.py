"""Draws the confusion matrix."""

import numpy as np
from rich.cells import cell_len

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.metrics.confusion import drawn_counts
from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure

LABEL_LENGTH = 28
OTHER = "any other class"
# The lowest colour differs clearly from white, the colour of 0.
SHARES = ["#d3e3f3", "#92bbe2", BLUE, "#0b2f5c"]


def plot_confusion(report, filepath):
    """Draws the confusion matrix of the test pictures.

    Colours show the share of the true class, numbers the counts. The row of a
    class without a test picture is grey. Of more than 50 classes the 50 with
    the most mistakes are drawn, as the title states.

    Args:
        report: Dict as `evaluate_predictions` returns it.
        filepath: Path of the picture.
    """
    drawn, counts = drawn_counts(report["test"])
    names = [drawable(report["classes"][i], LABEL_LENGTH) for i in drawn]
    columns = [*names, OTHER][: counts.shape[1]]
    # More classes have smaller cells, but a name needs about seven points.
    cell = np.interp(len(columns), (2, 10, 25, 100), (0.9, 0.6, 0.4, 0.13))
    longest = max(cell_len(name) for name in columns)
    upright = longest * 0.09 > cell
    size = max(cell * len(columns), 3.0)
    margin = min(longest, LABEL_LENGTH) * 0.085
    figure = new_figure(
        size + margin + 1.5, size + (margin if upright else 0.3) + 1.1
    )
    axes = figure.add_subplot()
    image = _draw_shares(axes, counts)
    large = 11 * float(np.clip(size / 7, 1, 1.8))
    _draw_color_bar(axes, image, size, 0.8 * large)

    points = float(np.clip(72 * size / len(columns) * 0.78, 3, 10))
    style = {"fontsize": points, **label_style()}
    axes.set_yticks(np.arange(len(names)), names, **style)
    axes.set_xticks(
        np.arange(len(columns)), columns, rotation=90 if upright else 0, **style
    )
    axes.tick_params(length=0, pad=3)
    axes.set_xlabel("predicted", fontsize=large)
    axes.set_ylabel("true", fontsize=large)
    axes.set_title(
        _title(report["test"], len(drawn)), fontsize=large, pad=large
    )
    _write_counts(axes, counts, points)
    save_figure(figure, filepath)


def _draw_shares(axes, counts):
    from matplotlib.colors import LinearSegmentedColormap  # slow

    rows = counts.sum(axis=1, keepdims=True)
    shares = np.ma.masked_array(
        counts / np.maximum(rows, 1), np.broadcast_to(rows == 0, counts.shape)
    )
    colors = LinearSegmentedColormap.from_list(
        "shares", SHARES, under="white", bad="#e3e3e3"
    )
    image = axes.imshow(shares, cmap=colors, vmin=1e-9, vmax=1)
    # Lines between the cells help to find the cell of a label.
    rows, columns = counts.shape
    down, across = (-0.5, rows - 0.5), (-0.5, columns - 0.5)
    style = {"color": "#e6e9ee", "linewidth": 0.5}
    axes.hlines(np.arange(1, rows) - 0.5, *across, **style)
    axes.vlines(np.arange(1, columns) - 0.5, *down, **style)
    axes.set(xlim=across, ylim=down[::-1])
    axes.spines[:].set_color("#b9bec6")
    return image


def _draw_color_bar(axes, image, size, fontsize):
    # An inset is as high as the matrix, for any size of the labels.
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


def _title(test, drawn):
    low, high = test["top_1_interval"]
    title = (
        f"Top-1 {percent(test['top_1'])} of n = {test['n']:,}\n"
        f"95 % interval {percent(low)} to {percent(high)}"
    )
    classes = len(test["per_class"])
    if drawn < classes:
        title += f"\nThe {drawn} of {classes:,} classes with most mistakes"
    return title
