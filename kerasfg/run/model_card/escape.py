"""Puts text that is not ours into Markdown."""

import re

from kerasfg.evaluation.display import display_name

LONGEST = 80
# What begins markup, HTML, a link, a formula or a mention on the Hub.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&$@:^])")
_BARE_LINK = re.compile(r"(?i)(www)\.")
_LEAD = re.compile(r"^(\d*)([-+=.)])")  # of a list, a rule or a heading


def escape(text, longest=LONGEST):
    r"""Returns a text as Markdown that shows it and does nothing else.

    Args:
        text: Any text, such as the name of a class.
        longest: Most characters to show. Defaults to `80`.

    Example:

    >>> escape("<b>Black_rail</b> | 1")
    '\\<b\\>Black\\_rail\\</b\\> \\| 1'
    """
    shown = " ".join(display_name(text, longest).split())
    shown = _BARE_LINK.sub(r"\1\\.", _MARKUP.sub(r"\\\1", shown))
    return _LEAD.sub(r"\1\\\2", shown)


def table(header, rows):
    """Returns a Markdown table; columns after the first stand to the right.

    Args:
        header: Texts.
        rows: Lists of Markdown texts, as `escape` returns them.
    """
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = (f"| {' | '.join(line)} |" for line in (header, rule, *rows))
    return "\n".join(lines)
