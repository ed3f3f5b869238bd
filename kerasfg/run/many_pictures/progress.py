"""Shows how far a classification is: rate, time left and errors."""

import contextlib
import threading

from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn


class Shown:
    """A bar on stderr, where that is a terminal; opened by `with`.

    Args:
        count: Function that returns an iterator over all pictures. They are
            counted in a thread while the first are classified.
        before: Number of those that are done.
        progress: Whether to show it.
    """

    def __init__(self, count, before, progress):
        console = Console(stderr=True)
        self._is_shown = progress and console.is_terminal
        self._bar = Progress(
            TextColumn("Classifying"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[errors]}"),
            console=console,
            transient=True,
            disable=not self._is_shown,
        )
        self._task = self._bar.add_task(
            "", total=None, completed=before, rate="", errors=""
        )
        self._count = count
        self._failed = 0
        self._ended = threading.Event()

    def __enter__(self):
        self._bar.start()
        if self._is_shown:
            threading.Thread(target=self._find_total, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._bar.stop()

    def add(self, pictures, failed):
        """Shows that so many pictures more are done."""
        self._failed += failed
        speed = self._bar.tasks[0].speed
        self._bar.update(
            self._task,
            advance=pictures,
            rate=f"{speed:.0f} pictures/s" if speed else "",
            errors=f"{self._failed:,} broken" if self._failed else "",
        )

    def _find_total(self):
        total = 0
        # The thread that classifies says what is wrong.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            for _ in self._count():
                total += 1
                if self._ended.is_set():
                    return
            self._bar.update(self._task, total=total)
