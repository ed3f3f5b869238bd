"""Figures without pyplot: no display, no global state, any class name."""

import functools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.font_manager import fontManager
from matplotlib.font_manager import get_font

from kerasfg.atomic_file import replacing
from kerasfg.evaluation.display import display_name

# The first ships with matplotlib; the others lend the scripts it lacks, where
# they are installed (Linux, macOS, Windows).
FAMILIES = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Arial Unicode MS",
)
BLUE, ORANGE, GREY = "#1f5fa8", "#d9730d", "#8a8f98"
DPI = 150


def new_figure(width, height):
    """Makes an empty figure of that many inches."""
    figure = Figure((width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure, filepath):
    """Writes a figure whole, or not at all; the suffix is the format."""
    with replacing(filepath) as temporary_path:
        figure.savefig(
            temporary_path,
            dpi=DPI,
            facecolor="white",
            bbox_inches="tight",
            pad_inches=0.12,
        )


def drawable(name, max_length=None):
    """Makes a name that can be drawn as it is with `label_style`.

    matplotlib warns of every letter that no font has, so those become a box.
    """
    name = display_name(name, max_length)
    return "".join(c if ord(c) in _letters() else _box() for c in name)


def label_style():
    """Text properties that draw a name literally: `$` and `_` are letters."""
    return {"parse_math": False, "fontfamily": list(_families())}


@functools.cache
def _families():
    installed = set(fontManager.get_font_names())
    return tuple(name for name in FAMILIES if name in installed)


@functools.cache
def _letters():
    letters = set()
    for family in _families():
        path = fontManager.findfont(FontProperties(family=family))
        letters.update(get_font(path).get_charmap())
    return frozenset(letters)


def _box():
    return "\N{WHITE SQUARE}"
