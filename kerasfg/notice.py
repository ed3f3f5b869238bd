"""What somebody should know, without anything being wrong."""

import warnings


class Notice(UserWarning):
    """How pictures were understood, such as which folders are the split."""


def tell(text):
    """Gives a `Notice`, which the command line prints as a line of its own.

    Args:
        text: The line.
    """
    warnings.warn(text, Notice, stacklevel=2)
