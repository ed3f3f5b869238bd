"""Makes text that is not ours safe to print in a terminal.

A name or path may hold what rich takes as markup, and characters that move the
cursor, change colours or turn the direction of writing.
"""

import unicodedata

from rich.markup import escape

# Controls, lone surrogates, line and paragraph separators.
_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
# Characters that turn the direction of what follows.
_DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}

# First characters at which a spreadsheet would compute a text.
COMPUTED = ("=", "+", "-", "@", "'", "\t", "\r")


def visible(text, keep="\n"):
    r"""Returns a text with its control characters written as in Python.

    Args:
        text: Any value; its `str` is taken.
        keep: Control characters that stay. Defaults to line breaks.

    Example:

    >>> visible("wren\x1b[31m")
    'wren\\x1b[31m'
    """
    return "".join(
        letter if letter in keep or not _is_control(letter) else _code(letter)
        for letter in str(text)
    )


def no_markup(text):
    r"""Returns a text to put between markup of rich, where it has no effect.

    Args:
        text: Any value; its `str` is taken, with its controls visible.

    Example:

    >>> no_markup("a[/b]")
    'a\\[/b]'
    """
    return escape(visible(text))


def _is_control(letter):
    return (
        unicodedata.category(letter) in _CATEGORIES
        or ord(letter) in _DIRECTIONS
    )


def _code(letter):
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
