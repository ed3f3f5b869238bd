"""The icons of the phone app: its maker's picture, or a flower of few pixels.

The shape and colours of the flower come from the title: they differ from app to
app, and are always the same for one title.
"""

import hashlib
import pathlib
import warnings

import pillow_heif
from PIL import Image
from PIL import ImageDraw
from PIL import ImageOps

from kerasfg.export.app.accent import mixed
from kerasfg.given_file import check_given

SIZES = (192, 512)
MAX_BYTES = 32 * 2**20
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "ICO")
_WHITE, _BLACK = "#ffffff", "#000000"
_HEART, _GREEN, _STEM = "#fde68a", "#14532d", "#4ade80"
# Petals outside and inside.
_PETALS = (
    ("#fb7185", "#f43f5e"),
    ("#f9a8d4", "#ec4899"),
    ("#c4b5fd", "#8b5cf6"),
    ("#7dd3fc", "#0ea5e9"),
    ("#fdba74", "#f97316"),
    ("#f8fafc", "#cbd5e1"),
)
# Inside the circle that stays visible however a phone crops icons ("maskable").
# `#` and `+` are petals, `o` is the heart, `|` the stem.
_FLOWERS = (
    """\
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
""",
    """\
...#.#...
..##.##..
..#####..
..#+#+#..
..#+#+#..
..#####..
...###...
....|.||.
.||.|||..
..|||....
""",
    """\
...###...
..##+##..
.##+o+##.
.#+ooo+#.
.##+o+##.
..##+##..
...#|#...
.||.|....
..|||.||.
....|||..
""",
)
_SHARE = 0.58  # of the icon's height


def draw_icon(size, title="", accent=None):
    """Draws an icon: opaque, and filled to its edges.

    Args:
        size: Height and width in pixels.
        title: Of the app. Defaults to `""`.
        accent: Background colour, `#rrggbb`. Defaults to `None`: green, and
            the petals in a colour that comes from the title.

    Returns:
        RGB `PIL.Image.Image`.

    Example:

    >>> draw_icon(192, "Birds").size
    (192, 192)
    """
    number = int.from_bytes(hashlib.sha256(title.encode()).digest()[:4], "big")
    ground, colors = _colors(number // len(_FLOWERS), accent)
    rows = _FLOWERS[number % len(_FLOWERS)].splitlines()
    icon = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(icon)
    # A whole number of pixels, so that all squares have the same size.
    step = max(1, round(size * _SHARE / len(rows)))
    left = (size - step * len(rows[0])) // 2
    top = (size - step * len(rows)) // 2
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter in colors:
                corner = (left + x * step, top + y * step)
                end = (corner[0] + step - 1, corner[1] + step - 1)
                draw.rectangle((corner, end), colors[letter])
    return icon


def read_icon(filepath):
    """Reads the picture that the maker gives, and cuts out its middle square.

    Args:
        filepath: A PNG, JPEG, WebP, GIF, BMP, TIFF or HEIC file, of at most 32
            MiB and 89 megapixels.

    Returns:
        RGB `PIL.Image.Image` of the largest size; transparent parts are white.

    Raises:
        ValueError: If the file is missing, no such picture, or too large.
    """
    path = pathlib.Path(filepath)
    check_given(path, "`icon`", MAX_BYTES)
    pillow_heif.register_heif_opener()
    received = f"Received: icon={str(filepath)!r}"
    if path.suffix.lower() in (".svg", ".svgz"):
        raise ValueError(
            "`icon` must be a bitmap, since phones need one: save the drawing "
            f"as a PNG of 512 x 512 pixels. {received}"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as picture:
                return _square(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ValueError(
            "`icon` must not have more than 89 megapixels: make it smaller. "
            f"{received}"
        ) from None
    # For a damaged file Pillow's decoders raise errors of many types.
    except Exception as error:
        raise ValueError(
            "`icon` must be a picture, such as a PNG of 512 x 512 pixels, and "
            f"this file cannot be read as one. {received}"
        ) from error


def write_icons(directory, title="", accent=None, icon=None):
    """Creates a folder with the icons of all sizes.

    Args:
        directory: Folder to create.
        title: See `draw_icon`. Defaults to `""`.
        accent: See `draw_icon`. Defaults to `None`.
        icon: Result of `read_icon`. Defaults to `None`: it is drawn.
    """
    directory = pathlib.Path(directory)
    directory.mkdir()
    for size in SIZES:
        if icon is None:
            drawn = draw_icon(size, title, accent)
        else:
            drawn = icon.resize((size, size), Image.Resampling.LANCZOS)
        drawn.save(directory / f"icon-{size}.png", optimize=True)


def _square(picture):
    side = max(SIZES)
    fitted = ImageOps.fit(
        picture.convert("RGBA"), (side, side), Image.Resampling.LANCZOS
    )
    ground = Image.new("RGBA", fitted.size, _WHITE)
    return Image.alpha_composite(ground, fitted).convert("RGB")


def _colors(number, accent):
    """The colour of the ground, and those of the letters."""
    if accent is None:
        outer, inner = _PETALS[number % len(_PETALS)]
        colors = {"o": _HEART, "#": outer, "+": inner, "|": _STEM}
        return _GREEN, colors
    ground = mixed(accent, _BLACK, 0.62)
    colors = {
        "o": _HEART,
        "#": mixed(accent, _WHITE, 0.35),
        "+": mixed(accent, _WHITE, 0.05),
        "|": mixed(accent, _WHITE, 0.7),
    }
    return ground, colors
