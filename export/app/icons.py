"""The icons of the phone app: a flower of few pixels."""

import pathlib

from PIL import Image
from PIL import ImageDraw

SIZES = (192, 512)
_GROUND = "#14532d"
_COLORS = {"o": "#fde68a", "#": "#fb7185", "+": "#f43f5e", "|": "#4ade80"}
# Inside the circle that stays visible however a phone crops icons ("maskable").
_FLOWER = """\
..##.##..
.##+#+##.
.#+#o#+#.
..#ooo#..
.#+#o#+#.
.##+#+##.
..##|##..
....|.||.
.||.|||..
..|||....
"""
_SHARE = 0.58  # of the icon's height


def draw_icon(size):
    """Draws the icon: opaque, and filled to its edges.

    Args:
        size: Height and width in pixels.

    Returns:
        RGB `PIL.Image.Image`.

    Example:

    >>> draw_icon(192).size
    (192, 192)
    """
    rows = _FLOWER.splitlines()
    icon = Image.new("RGB", (size, size), _GROUND)
    draw = ImageDraw.Draw(icon)
    # A whole number of pixels, so that all squares have the same size.
    step = max(1, round(size * _SHARE / len(rows)))
    left = (size - step * len(rows[0])) // 2
    top = (size - step * len(rows)) // 2
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter in _COLORS:
                corner = (left + x * step, top + y * step)
                end = (corner[0] + step - 1, corner[1] + step - 1)
                draw.rectangle((corner, end), _COLORS[letter])
    return icon


def write_icons(directory):
    """Creates a folder with the icons of all sizes."""
    directory = pathlib.Path(directory)
    directory.mkdir()
    for size in SIZES:
        draw_icon(size).save(directory / f"icon-{size}.png", optimize=True)
