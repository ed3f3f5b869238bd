"""Formats names and shares for tables and pictures."""

import unicodedata

from rich.cells import cell_len
from rich.cells import set_cell_size

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def display_name(name, max_length=None):
    """Makes any name safe to draw or print on one line.

    A folder name may contain line breaks, escape sequences, bytes that are not
    UTF-8 (lone surrogates), or marks that turn the direction of what follows.
    Each of these characters is replaced by the Unicode replacement character.

    Args:
        name: String.
        max_length: Maximal number of terminal cells (a Chinese letter takes
            two). An ellipsis replaces the rest of a longer name. Defaults to
            `None`: any length.

    Returns:
        String.

    Example:

    >>> display_name("black-footed albatross", 9)
    'black-fo…'
    """
    name = "".join(
        "\N{REPLACEMENT CHARACTER}" if _is_control(letter) else letter
        for letter in str(name)
    )
    if max_length is not None and cell_len(name) > max_length:
        name = set_cell_size(name, max_length - 1).rstrip() + ELLIPSIS
    return name


def _is_control(letter):
    return (
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(letter) in _TURNING
    )


def percents(interval):
    """Formats an interval, such as `12.3 to 45.6 %`; `None` as a dash."""
    if interval is None:
        return "\N{EN DASH}"
    low, high = (f"{100 * bound:.1f}" for bound in interval)
    return f"{low} to {high} %"


def percent(share):
    """Formats a share as a percentage, and `None` as a dash."""
    return "\N{EN DASH}" if share is None else f"{100 * share:.1f} %"
