"""Draws how often a classifier is right against the distance."""

from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure


def plot_distance(card, filepath):
    """Draws a distance card, with the zoom and the measurements.

    Distances are on a logarithmic scale.

    Args:
        card: Result of `kerasfg.evaluation.distance_card`, whose rows may have
            `measured`, a dict of `top_1` and `top_1_interval`.
        filepath: Path of the picture.
    """
    from matplotlib.ticker import NullLocator  # slow

    figure = new_figure(7.0, 4.2)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    rows = card["rows"]
    known = [row for row in rows if row["top_1"] is not None]
    if known:
        _curve(axes, known, "", BLUE, "by the resolution curve, 95 %")
    zoomed = [row for row in rows if row["zoomed_top_1"] is not None]
    if card["zoom"] > 1 and zoomed:
        _curve(axes, zoomed, "zoomed_", ORANGE, f"with {card['zoom']:g} x zoom")
    _measured(axes, [row for row in rows if row.get("measured")])
    wanted = f"{100 * card['right']:g} % right"
    axes.axhline(card["right"], color=GREY, linestyle="--", label=wanted)
    for reach, color in (("reach", BLUE), ("zoomed_reach", ORANGE)):
        if card[reach] and (reach == "reach" or card["zoom"] > 1):
            far = card[reach]["distance"]
            axes.axvline(far, color=color, linestyle=":", linewidth=1.2)
    ticks = [row["distance"] for row in rows]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(ticks[0] / 1.15, ticks[-1] * 1.15)
    axes.set_xlabel("distance in metres")
    axes.set_ylim(0, 1.08)
    axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    axes.grid(axis="y", color="#e6e9ee", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=9)
    save_figure(figure, filepath)


def _curve(axes, rows, prefix, color, label):
    distances = [row["distance"] for row in rows]
    values = [row[f"{prefix}top_1"] for row in rows]
    bounds = [row[f"{prefix}top_1_interval"] for row in rows]
    low, high = zip(*bounds, strict=True)
    axes.plot(distances, values, color=color, linewidth=2, label=label)
    axes.fill_between(distances, low, high, color=color, alpha=0.15, lw=0)
    # A single distance has no line, but a mark.
    axes.plot(distances, values, color=color, marker=".", linestyle="")


def _measured(axes, rows):
    if not rows:
        return
    values = [row["measured"]["top_1"] for row in rows]
    bounds = [row["measured"]["top_1_interval"] for row in rows]
    below = [v - low for v, (low, _) in zip(values, bounds, strict=True)]
    above = [high - v for v, (_, high) in zip(values, bounds, strict=True)]
    axes.errorbar(
        [row["distance"] for row in rows],
        values,
        [below, above],
        color="black",
        fmt="o",
        markersize=4,
        linewidth=1.2,
        label="measured on originals shrunk to it",
    )
