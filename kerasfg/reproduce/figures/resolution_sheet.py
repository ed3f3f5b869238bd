"""Draws the same pictures at several resolutions."""

import numpy as np

from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.reproduce.figures.shown_pictures import ENLARGED
from kerasfg.reproduce.figures.shown_pictures import enlarge

_CELL = 0.83  # inches


def plot_resolution_sheet(sets, sizes, filepath):
    """Draws a few pictures of each data set at each resolution.

    Each resolution has a line with the pixels. Resolutions below 224 have a
    second line with the pictures enlarged to 224 pixels by bicubic resizing.

    Args:
        sets: Dictionary from the name of each data set to its pictures, each a
            class name and a dictionary from sizes to uint8 arrays.
        sizes: Pixels of the pictures, in the order of the lines.
        filepath: Path of the picture.

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Fig. 1 and 5
    """
    lines = []
    for size in sizes:
        lines.append((f"{size} px", size, np.asarray))
        if size < ENLARGED:
            lines.append(("bicubic", size, enlarge))
    columns = max(map(len, sets.values()))
    shape = len(lines) * len(sets), columns
    figure = new_figure(_CELL * columns + 0.8, (_CELL + 0.05) * shape[0])
    panels = figure.subplots(*shape, squeeze=False)
    for axes in panels.flat:
        axes.set_xticks([])
        axes.set_yticks([])
    for index, (name, pictures) in enumerate(sets.items()):
        own = panels[index * len(lines) :][: len(lines)]
        _draw(own, lines, pictures)
        if len(sets) > 1:
            label = f"{drawable(name)}\n{lines[0][0]}"
            own[0][0].set_ylabel(label, **label_style())
    save_figure(figure, filepath)


def _draw(panels, lines, pictures):
    """Draws the pictures of one data set; places without one stay empty."""
    for line, (label, size, convert) in zip(panels, lines, strict=True):
        line[0].set_ylabel(label, **label_style())
        for axes, (_, pixels) in zip(line, pictures, strict=False):
            axes.imshow(convert(pixels[size]), interpolation="nearest")
    for axes, (class_name, _) in zip(panels[0], pictures, strict=False):
        axes.set_title(drawable(class_name, 20), fontsize=6, **label_style())
    for axes in panels[:, len(pictures) :].flat:
        axes.set_axis_off()
