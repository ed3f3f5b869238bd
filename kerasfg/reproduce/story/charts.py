"""Draws a chart from plain data, which the picture also contains."""

import json
import math

from matplotlib.ticker import NullFormatter
from matplotlib.ticker import ScalarFormatter
from PIL import Image

from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.plots.tsne import COLORS
from kerasfg.evaluation.plots.tsne import MARKERS

WIDTH = 5.6  # inches: letters can be read at the width of a phone
LINE = 0.3  # inches for each name of a panel of dots
CURVES = 3.4  # inches for a panel of lines
COLUMNS = 3  # of a legend
GREY, PALE = "#4a4f57", "#e6e9ee"


def draw(chart, filepath):
    """Draws a chart as a PNG picture.

    Args:
        chart: List of panels. Each is a dictionary of plain values: `title`;
            `x_label`; and either `dots`, a list of dictionaries with `name`,
            `mean` and, where it is known, `spread`, `series` (an index of
            `legend`) and `few` (whether there are fewer than three seeds); or
            `lines`, a dictionary from names to lists of (x, mean, spread), and
            `y_label`. `zero` draws a line at 0; `log` and `limits` are of the
            x axis.
        filepath: Path of the picture. Its data is in the picture, too, for
            `read_data`.
    """
    heights = [_height(panel) for panel in chart]
    figure = new_figure(WIDTH, sum(heights))
    panes = figure.subplots(len(chart), 1, squeeze=False, height_ratios=heights)
    for axes, panel in zip(panes[:, 0], chart, strict=True):
        (_draw_dots if "dots" in panel else _draw_lines)(axes, panel)
        rows = math.ceil(len(panel.get("legend", ())) / COLUMNS)
        pad = 5 + 15 * rows  # points, above the legend
        axes.set_title(panel["title"], fontsize=11, loc="left", pad=pad)
        axes.set_xlabel(panel["x_label"], fontsize=10)
        axes.tick_params(labelsize=10)
        axes.grid(color=PALE, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    data = {"Description": to_text(chart), "Software": None}
    save_figure(figure, filepath, data)


def to_text(chart):
    """Returns the data of a chart as text, rounded as in the tables."""
    return json.dumps(_rounded(chart), sort_keys=True)


def read_data(filepath):
    """Reads the data of a picture that `draw` wrote, as text."""
    with Image.open(filepath) as picture:
        return picture.text.get("Description", "")


def _rounded(value):
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 2)
    if isinstance(value, dict):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


def _height(panel):
    if "lines" in panel:
        return CURVES
    legend = 0.3 if panel.get("legend") else 0.0
    names = dict.fromkeys(dot["name"] for dot in panel["dots"])
    return 0.9 + legend + LINE * len(names)


def _draw_dots(axes, panel):
    names = list(dict.fromkeys(dot["name"] for dot in panel["dots"]))
    legend = panel.get("legend", [])
    apart = 0.26 if len(legend) > 1 else 0.0
    for dot in panel["dots"]:
        series = dot.get("series", 0)
        shift = apart * (series - (len(legend) - 1) / 2) if legend else 0.0
        color = COLORS[series]
        axes.errorbar(
            dot["mean"],
            names.index(dot["name"]) + shift,
            xerr=dot.get("spread") or 0.0,
            color=color,
            marker=MARKERS[series],
            markersize=6,
            markerfacecolor="white" if dot.get("few") else color,
            capsize=3,
            linestyle="",
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    if "limits" in panel:
        axes.set_xlim(*panel["limits"])
    if panel.get("zero"):
        axes.axvline(0, color=GREY, linewidth=0.9)
    if panel.get("log"):
        _set_log(axes)
    _add_legend(axes, legend)


def _draw_lines(axes, panel):
    for index, (name, points) in enumerate(panel["lines"].items()):
        x, mean, spread = zip(*points, strict=True)
        axes.errorbar(
            x,
            mean,
            spread,
            color=COLORS[index],
            marker=MARKERS[index],
            markersize=5,
            capsize=3,
            linewidth=1.5,
            label=name,
        )
    if panel.get("log"):
        _set_log(axes)
    if ticks := panel.get("ticks"):
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_ylabel(panel["y_label"], fontsize=10)
    axes.legend(fontsize=9, frameon=False)


def _set_log(axes):
    axes.set_xscale("log")
    axes.set_xticks([0.1, 0.2, 0.5, 1, 2, 5])
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())


def _add_legend(axes, names):
    for series, name in enumerate(names):
        style = {"color": COLORS[series], "marker": MARKERS[series]}
        axes.plot([], [], linestyle="", label=name, **style)
    if names:
        axes.legend(
            fontsize=9,
            frameon=False,
            ncols=COLUMNS,
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            borderaxespad=0.0,
        )
