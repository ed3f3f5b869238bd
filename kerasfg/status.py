"""Shows a status line while something slow runs."""

import contextlib
import os

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from kerasfg.terminal_text import visible


@contextlib.contextmanager
def status(text, verbose=True, redirect=True):
    """Shows a text and a spinner inside a `with`, if stderr is a terminal.

    It writes to a descriptor of its own, so the line stays visible where the
    output of libraries is discarded.

    Args:
        text: What is being done, in a few words.
        verbose: Whether to show it. Defaults to `True`.
        redirect: Whether what Python prints meanwhile is shown above the line.
            It must be `False` while modules are imported, which may keep
            `sys.stderr` as it is at that moment. Defaults to `True`.

    Yields:
        Function that changes the text.

    Example:

    >>> with status("Adding"):
    ...     print(1 + 2)
    3
    """
    with _stderr() as stream:
        # In a notebook rich would ask for widgets.
        console = Console(file=stream, quiet=not verbose, force_jupyter=False)
        spinner = Spinner("dots", _plain(text), style="status.spinner")
        with Live(
            spinner,
            console=console,
            refresh_per_second=12.5,
            transient=True,
            redirect_stdout=redirect,
            redirect_stderr=redirect,
        ):
            yield lambda changed: spinner.update(text=_plain(changed))


def _plain(text):
    return Text(visible(text))  # a path in it is no markup


def _stderr():
    try:
        descriptor = os.dup(2)
    except OSError:  # a process without stderr
        return open(os.devnull, "w")
    return os.fdopen(descriptor, "w", encoding="utf-8")
