"""Plots of a grid: accuracy against a key, the time or the latency."""

import statistics

from matplotlib.ticker import LogLocator
from matplotlib.ticker import NullLocator

from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.plots.tsne import COLORS
from kerasfg.evaluation.plots.tsne import MARKERS

WIDTH, HEIGHT = 7.0, 4.4  # inches
WIDE = 10.0  # of two panels


def plot_lines(points, kind, x_label, log, filepath, gains=()):
    """Draws accuracies or gains, with the spread of the seeds.

    Args:
        points: List of (name of the line, x, result of `mean_and_spread` for
            accuracies or differences).
        kind: `"accuracy"` or `"gain"`.
        x_label: Label of the x axis.
        log: Whether the x axis is logarithmic. Its ticks are then equally
            spaced in ascending order, which allows a 0.
        filepath: Path of the picture.
        gains: Points of gains to draw in a second panel. Defaults to `()`: one
            panel.
    """
    panels = [(points, kind), *([(gains, "gain")] if gains else [])]
    figure = new_figure(WIDTH if len(panels) == 1 else WIDE, HEIGHT)
    names = list(dict.fromkeys(name for name, _, _ in [*points, *gains]))
    panes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (shown, quantity) in zip(panes, panels, strict=True):
        _draw_lines(axes, shown, quantity, names, log)
        axes.set_xlabel(x_label)
        _finish(axes)
    _add_legend(panes[0], list(dict.fromkeys(name for name, _, _ in points)))
    save_figure(figure, filepath)


def _draw_lines(axes, points, kind, names, log):
    """Draws lines, each in the colour of its place among the names."""
    numbers = sorted({x for _, x, _ in points})
    place = _places(numbers, log)
    for name in dict.fromkeys(name for name, _, _ in points):
        own = sorted(
            (place[x], m["mean"], m["spread"] or 0.0)
            for line, x, m in points
            if line == name
        )
        x, mean, spread = zip(*own, strict=True)
        style = _style(names.index(name))
        axes.errorbar(x, mean, spread, **style, capsize=3)
    if kind == "gain":
        axes.axhline(0, color="#8a8f98", linestyle=":")
    axes.set_xticks([place[x] for x in numbers], [f"{x:g}" for x in numbers])
    if kind == "gain":
        axes.set_ylabel("points above the baseline")
        axes.yaxis.set_major_formatter(lambda y, _: _gain(y))
    else:
        axes.set_ylabel("test accuracy")
        axes.yaxis.set_major_formatter(lambda y, _: _percent(y))


def plot_convergence(histories, filepath):
    """Draws validation accuracy against epochs and against seconds.

    Args:
        histories: Dictionary from the name of each line to a list of
            histories, one for each seed. A history is a list of rows of
            `history.csv`.
        filepath: Path of the picture.
    """
    figure = new_figure(WIDE, HEIGHT)
    by_epoch, by_time = figure.subplots(1, 2, sharey=True)
    for index, runs in enumerate(histories.values()):
        curve = [_means(rows) for rows in zip(*runs, strict=False)]
        accuracies, seconds = zip(*curve, strict=True)
        total = [sum(seconds[: i + 1]) for i in range(len(seconds))]
        style = _style(index) | {"markersize": 3}
        by_epoch.plot(range(1, len(curve) + 1), accuracies, **style)
        by_time.plot(total, accuracies, **style)
    by_epoch.set_xlabel("epochs")
    by_epoch.set_ylabel("validation accuracy")
    by_time.set_xlabel("seconds of training")
    by_epoch.yaxis.set_major_formatter(lambda y, _: _percent(y))
    _finish(by_epoch)
    _finish(by_time)
    _add_legend(by_epoch, histories)
    save_figure(figure, filepath)


def plot_frontier(points, filepath):
    """Draws accuracy against the latency of the exported file.

    Each row has a colour and each method a marker. The line of a row joins the
    methods that are more accurate than all faster ones.

    Args:
        points: List of (method, row, milliseconds, result of
            `mean_and_spread` for the accuracy).
        filepath: Path of the picture.
    """
    figure = new_figure(9.0, 5.6)
    axes = figure.add_subplot()
    methods = list(dict.fromkeys(method for method, *_ in points))
    rows = list(dict.fromkeys(row for _, row, *_ in points))
    lines = []
    for index, name in enumerate(rows):
        style = _style(index) | {"marker": "", "label": None}
        own = [(x, m["mean"]) for _, row, x, m in points if row == name]
        lines += axes.plot(*zip(*_best_so_far(own), strict=True), **style)
    for method, row, x, m in points:
        style = _style(methods.index(method)) | {
            "color": lines[rows.index(row)].get_color(),
            "linestyle": "",
            "label": None,
        }
        spread = m["spread"] or 0.0
        axes.errorbar(x, m["mean"], spread, **style, elinewidth=0.8)
    for index in range(len(methods)):  # for the legend
        style = _style(index) | {"color": "#4a4f57", "linestyle": ""}
        axes.plot([], [], **style)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.set_xlabel("milliseconds for one picture, by the exported file")
    axes.set_ylabel("test accuracy")
    axes.yaxis.set_major_formatter(lambda y, _: _percent(y))
    _finish(axes)
    _add_legend(axes, methods)
    if any(rows):
        _name_all(axes.legend(lines, rows, **_legend_style()), rows)
    save_figure(figure, filepath)


def _best_so_far(points):
    """Selects (cost, accuracy) pairs that beat all pairs of no higher cost."""
    best = []
    for cost, accuracy in sorted(points, key=lambda p: (p[0], -p[1])):
        if not best or accuracy > best[-1][1]:
            best.append((cost, accuracy))
    return best


def _percent(share):
    return f"{round(100 * share, 2):g} %"


def _gain(share):
    points = round(100 * share, 2)
    return f"{points:+g}" if points else "0"


def _places(numbers, log):
    """Returns each number's position; its rank if the axis is logarithmic."""
    if not log:
        return {x: x for x in numbers}
    return {x: i for i, x in enumerate(numbers)}


def _means(rows):
    """Returns the mean accuracy and seconds of one epoch over the seeds."""
    return tuple(
        statistics.mean(float(row[key]) for row in rows)
        for key in ("val_accuracy", "seconds")
    )


def _style(index):
    return {
        "color": COLORS[index % len(COLORS)],
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": 5,
        "linewidth": 1.6,
        "label": str(index),  # `_name_all` replaces it in the legend
    }


def _finish(axes):
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(color="#e6e9ee", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _add_legend(axes, names):
    """Adds a legend above the axes.

    The names are set afterwards: matplotlib drops labels that begin with `_`.
    """
    legend = axes.figure.legend(
        *axes.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=3,
        frameon=False,
        **_legend_style(),
    )
    _name_all(legend, names)


def _legend_style():
    return {"prop": {"size": 9, "family": label_style()["fontfamily"]}}


def _name_all(legend, names):
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(drawable(name))
        text.set_parse_math(False)
