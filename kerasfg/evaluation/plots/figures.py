"""Makes and saves figures that can contain any class name.

It does not use pyplot, which needs a display and has global state. Matplotlib
is imported when the first figure is made, since that takes a while.
"""

import functools

from kerasfg.atomic_file import replacing
from kerasfg.evaluation.display import display_name

# The first is part of matplotlib. The others have scripts that it lacks and
# are used if they are installed (on Linux, macOS or Windows).
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
    """Makes an empty figure; width and height are in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure, filepath, metadata=None):
    """Writes a figure completely or not at all, in the suffix's format.

    Args:
        figure: Result of `new_figure`.
        filepath: Path of the picture.
        metadata: Dictionary of texts to write into a PNG file. Defaults to
            `None`: matplotlib's own.
    """
    with replacing(filepath) as temporary_path:
        figure.savefig(
            temporary_path,
            dpi=DPI,
            facecolor="white",
            bbox_inches="tight",
            pad_inches=0.12,
            metadata=metadata,
        )


def drawable(name, max_length=None):
    """Makes a name that `label_style` can draw without warnings.

    A white square replaces each letter that no font has, since matplotlib
    warns of those.
    """
    name = display_name(name, max_length)
    return "".join(c if ord(c) in _letters() else _box() for c in name)


def label_style():
    """Returns text properties that draw a name literally, including `$`."""
    return {"parse_math": False, "fontfamily": list(_families())}


@functools.cache
def _families():
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return tuple(name for name in FAMILIES if name in installed)


@functools.cache
def _letters():
    from matplotlib.font_manager import FontProperties
    from matplotlib.font_manager import fontManager
    from matplotlib.font_manager import get_font

    letters = set()
    for family in _families():
        path = fontManager.findfont(FontProperties(family=family))
        letters.update(get_font(path).get_charmap())
    return frozenset(letters)


def _box():
    return "\N{WHITE SQUARE}"
