"""Accuracy against the resolution of the picture."""

from matplotlib.ticker import NullLocator

from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure


def plot_resolutions(rows, image_size, classes, filepath):
    """Draws the accuracy against the resolution, with its 95 % interval.

    Pixels are on a logarithmic scale: twice as far away is one step to the
    left wherever it starts. A dashed line stands at the model's own resolution,
    a dotted one at the accuracy of a guess.

    Args:
        rows: List of dicts as `resolution_curve` gives them.
        image_size: The model's own resolution.
        classes: How many classes there are.
        filepath: Path of the picture.
    """
    sizes = [row["resolution"] for row in rows]
    values = [row["top_1"] for row in rows]
    low, high = zip(*(row["top_1_interval"] for row in rows), strict=True)
    figure = new_figure(7.0, 4.2)
    axes = figure.add_subplot()
    axes.set_xscale("log", base=2)
    band = "top-1, with its 95 % interval"
    axes.plot(sizes, values, color=BLUE, linewidth=2, marker="o", label=band)
    axes.fill_between(sizes, low, high, color=BLUE, alpha=0.15, linewidth=0)
    # A single resolution makes no band, but it has a bar.
    axes.vlines(sizes, low, high, color=BLUE, linewidth=1.2)
    trained = f"what the network takes, {image_size} pixels"
    axes.axvline(image_size, color=ORANGE, linestyle="--", label=trained)
    axes.axhline(1 / classes, color=GREY, linestyle=":", label="a guess")
    for size, value, above in zip(sizes, values, high, strict=True):
        axes.annotate(
            f"{100 * value:.0f} %",
            (size, above),
            (0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )
    _label(axes, sorted({*sizes, image_size}))
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=9)
    save_figure(figure, filepath)


def _label(axes, ticks):
    axes.set_xticks(ticks, map(str, ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(ticks[0] / 1.15, ticks[-1] * 1.15)
    axes.set_xlabel("pixels of the picture: far away to the left")
    axes.set_ylim(0, 1.08)
    axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    axes.grid(axis="y", color="#e6e9ee", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
