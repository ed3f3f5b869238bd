"""Draws the training curves."""

import csv
import io
import math

from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.given_file import read_given_text


def plot_history(history_csv, filepath):
    """Draws loss and accuracy of training and validation over the epochs.

    A dashed line marks a change of the `stage`. A ring marks the epoch with
    the highest validation accuracy.

    Args:
        history_csv: Path of the CSV file. It has one row per epoch and the
            columns `epoch`, `loss` and `accuracy`, and optionally `val_loss`,
            `val_accuracy`, `stage` and `weight_decay`. The weight decay is
            subtracted from the training loss, since the validation loss does
            not contain it. Other columns are ignored.
        filepath: Path of the picture.

    Raises:
        ValueError: If the file has no row or lacks a column.
    """
    from matplotlib.ticker import MaxNLocator  # slow

    rows = _read(history_csv)
    epochs = [_number(row["epoch"]) for row in rows]
    figure = new_figure(9.0, 3.9)
    panels = figure.subplots(1, 2)
    for axes, quantity in zip(panels, ("loss", "accuracy"), strict=True):
        for column, color, label in (
            (quantity, GREY, "training"),
            (f"val_{quantity}", BLUE, "validation"),
        ):
            values = [_value(row, column) for row in rows]
            if not all(map(math.isnan, values)):
                axes.plot(
                    epochs,
                    values,
                    color=color,
                    linewidth=1.8,
                    marker="o",
                    markersize=4 if len(rows) <= 30 else 0,
                    label=label,
                )
        axes.set_title(quantity, loc="left", fontsize=11, pad=18)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(color="#e6e9ee", linewidth=0.7)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.03)
        _mark_stages(axes, rows, epochs)
    panels[1].set_ylim(-0.02, 1.02)
    panels[1].yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    _mark_best(panels, rows, epochs)
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="outside upper right",
        ncols=2,
        frameon=False,
        fontsize=9,
    )
    save_figure(figure, filepath)


def _read(history_csv):
    text = read_given_text(history_csv, "A history")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = set(reader.fieldnames or ())
        rows = list(reader)
    except csv.Error as error:
        raise ValueError(
            "A history must be a CSV file. "
            f"Received: history_csv={str(history_csv)!r}: {error}"
        ) from error
    missing = {"epoch", "loss", "accuracy"} - columns
    if missing:
        raise ValueError(
            f"A history must have the columns {sorted(missing)}. "
            f"Received: history_csv={str(history_csv)!r}"
        )
    if not rows:
        raise ValueError(
            "The history has no epoch yet. "
            f"Received: history_csv={str(history_csv)!r}"
        )
    return rows


def _value(row, column):
    value = _number(row.get(column))
    if column == "loss" and row.get("weight_decay"):
        value -= _number(row["weight_decay"])
    return value


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan  # a gap in the curve


def _mark_stages(axes, rows, epochs):
    stages = [row.get("stage") or "" for row in rows]
    starts = [i for i in range(1, len(rows)) if stages[i] != stages[i - 1]]
    for i in starts:
        middle = (epochs[i - 1] + epochs[i]) / 2
        axes.axvline(middle, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        for stage, side in ((stages[i - 1], "right"), (stages[i], "left")):
            axes.text(
                middle,
                1.01,
                f" {drawable(stage, 16)} ",
                transform=axes.get_xaxis_transform(),
                fontsize=8,
                color="#5b616b",
                ha=side,
                va="bottom",
                **label_style(),
            )


def _mark_best(panels, rows, epochs):
    known = [
        (_number(row.get("val_accuracy")), -i) for i, row in enumerate(rows)
    ]
    known = [pair for pair in known if not math.isnan(pair[0])]
    if not known:
        return
    accuracy, index = max(known)  # the first of equals
    index = -index
    loss = _number(rows[index].get("val_loss"))
    for axes, value in zip(panels, (loss, accuracy), strict=True):
        axes.plot(
            epochs[index],
            value,
            marker="o",
            markersize=10,
            markerfacecolor="none",
            markeredgecolor=ORANGE,
            markeredgewidth=2,
        )
    panels[1].set_title(
        f"best: {100 * accuracy:.1f} % at epoch {epochs[index]:.0f}",
        loc="right",
        fontsize=9,
        color=ORANGE,
        pad=18,
    )
