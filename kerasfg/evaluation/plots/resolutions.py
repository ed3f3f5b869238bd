"""Draws the accuracy against the resolution of the pictures."""

from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure


def plot_resolutions(rows, image_size, classes, filepath):
    """Draws the accuracy and its 95 % interval against the resolution.

    Pixels are on a logarithmic scale: twice the distance is always one step to
    the left. A dashed line marks the input size of the model, a dotted line
    the accuracy of a random guess.

    Args:
        rows: List of dicts as `resolution_curve` returns them.
        image_size: Input size of the model in pixels.
        classes: Number of classes.
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
    # The band of a single resolution has no width, but the bar is visible.
    axes.vlines(sizes, low, high, color=BLUE, linewidth=1.2)
    own = f"input of the network, {image_size} pixels"
    axes.axvline(image_size, color=ORANGE, linestyle="--", label=own)
    axes.axhline(1 / classes, color=GREY, linestyle=":", label="random guess")
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
    from matplotlib.ticker import NullLocator  # slow

    axes.set_xticks(ticks, map(str, ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(ticks[0] / 1.15, ticks[-1] * 1.15)
    axes.set_xlabel("pixels of the picture (fewer pixels: farther away)")
    axes.set_ylim(0, 1.08)
    axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    axes.grid(axis="y", color="#e6e9ee", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
