"""What takes some seconds says what it is."""

from rich.console import Console


def status(text, verbose=True):
    """Shows a text inside a `with`, where stderr is a terminal.

    Args:
        text: What is being done, in a few words.
        verbose: Whether to show it. Defaults to `True`.

    Example:

    >>> with status("Adding"):
    ...     print(1 + 2)
    3
    """
    return Console(stderr=True, quiet=not verbose).status(text)
