"""Draws a sheet of small pictures with lines of text below each."""

import math

from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure

NAME_LENGTH = 22
TILE, GAP, LINE, TOP = 1.6, 0.15, 0.16, 0.42  # inches


class PictureSheet:
    """A grid of pictures with lines of text that do not overlap.

    Args:
        tiles: Number of pictures.
        columns: Pictures in a row.
        lines: Lines of text below each picture.
    """

    def __init__(self, tiles, columns, lines):
        self.columns = columns
        self.row = TILE + GAP + lines * LINE
        self.width = max(self.columns * (TILE + GAP) + GAP, 3.0)
        self.height = math.ceil(tiles / self.columns) * self.row + TOP
        self.figure = new_figure(self.width, self.height)
        self.figure.set_layout_engine("none")

    def title(self, text):
        """Writes one line at the top."""
        x, y = GAP / self.width, 1 - TOP / 2 / self.height
        self.figure.text(x, y, text, fontsize=11, va="center")

    def tile(self, place, image):
        """Draws a picture without interpolation and returns its axes."""
        x, y = self._corner(place)
        axes = self.figure.add_axes(
            (x / self.width, y / self.height)
            + (TILE / self.width, TILE / self.height)
        )
        axes.imshow(image, interpolation="nearest")
        axes.set_axis_off()
        return axes

    def line(self, place, number, start, name, color):
        """Writes a text and a name below a picture."""
        x, y = self._corner(place)
        text = self.figure.text(
            x / self.width,
            (y - (number + 0.7) * LINE) / self.height,
            start + drawable(name, NAME_LENGTH),
            va="center",
            fontsize=8,
            color=color,
            **label_style(),
        )
        too_wide = text.get_window_extent().width / (
            0.97 * TILE * self.figure.dpi
        )
        text.set_fontsize(8 / max(too_wide, 1))

    def _corner(self, place):
        row, column = divmod(place, self.columns)
        x = GAP + column * (TILE + GAP)
        return x, self.height - TOP - row * self.row - TILE
