"""The accent colour of an app, light and dark, with enough contrast.

A colour keeps its hue and saturation. On the light page it is darkened, and on
the dark page lightened, until text in this colour, and text on top of it, reach
the contrast of WCAG 2.2 AA.
"""

import colorsys
import re

CONTRAST = 4.5  # of text, WCAG 2.2, 1.4.3
STYLE = "accent.css"
# The page's colours in styles/base.css: what accents stand on.
LIGHT = ("#f7f6f2", "#ffffff")
DARK = ("#141613", "#1f221d")
_WHITE = "#ffffff"
_STEPS = 200  # of lightness, from 0 to 1
_INK = 0.09  # lightness of text on a light accent
_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def parse_color(text):
    """Reads a colour as `#rrggbb` or `#rgb`.

    Returns:
        `#rrggbb` in lower case.

    Raises:
        ValueError: If it is written in another way.

    Example:

    >>> parse_color("#2a6")
    '#22aa66'
    """
    found = _HEX.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError(
            "`accent` must be a colour such as '#22aa66' or '#2a6', in quotes "
            f"at a shell. Received: accent={text!r}"
        )
    digits = found[1].lower()
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return f"#{digits}"


def accents(color):
    """Makes the accents of the light and of the dark page.

    Args:
        color: `#rrggbb`.

    Returns:
        Two pairs of colours: the accent, and the text on it.

    Example:

    >>> accents("#22aa66")
    (('#19804d', '#ffffff'), ('#22aa66', '#082617'))
    """
    ink = _with_lightness(color, _INK)
    light = _nearest(color, (*LIGHT, _WHITE))
    return (light, _WHITE), (_nearest(color, (*DARK, ink)), ink)


def accent_style(color):
    """Writes the style sheet that gives the page its accent.

    Args:
        color: `#rrggbb`.

    Returns:
        Text of CSS.
    """
    (light, on_light), (dark, on_dark) = accents(color)
    return (
        f"/* {color}, with a contrast of {CONTRAST} in light and dark */\n\n"
        f":root {{ --accent: {light}; --on-accent: {on_light}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --accent: {dark}; --on-accent: {on_dark}; }}\n"
        "}\n"
    )


def contrast(first, second):
    """Computes the contrast of two colours as WCAG defines it, 1 to 21.

    Example:

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mixed(color, other, share):
    """Mixes two colours; `share` is that of the other."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return _hex([a + share * (b - a) for a, b in pairs])


def _nearest(color, others):
    """The colour of nearest lightness that stands out from all others."""
    _, own, _ = colorsys.rgb_to_hls(*_channels(color))
    candidates = [color] + [
        _with_lightness(color, step / _STEPS)
        for step in sorted(
            range(_STEPS + 1), key=lambda step: abs(step / _STEPS - own)
        )
    ]
    return next(
        one
        for one in candidates
        if all(contrast(one, other) >= CONTRAST for other in others)
    )


def _with_lightness(color, lightness):
    hue, _, saturation = colorsys.rgb_to_hls(*_channels(color))
    return _hex(colorsys.hls_to_rgb(hue, lightness, saturation))


def _luminance(color):
    red, green, blue = (
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        for x in _channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color):
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _hex(channels):
    return "#" + "".join(f"{round(255 * x):02x}" for x in channels)
