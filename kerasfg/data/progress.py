"""Processes many items in threads, with a progress bar on stderr."""

import collections
import concurrent.futures
import itertools
import os

from rich.console import Console
from rich.progress import Progress

from kerasfg.terminal_text import no_markup

# Items that a thread takes at a time. Single items would cost 10 % more time.
_CHUNK = 8


def in_threads(
    function,
    items,
    description,
    progress=True,
    ahead=None,
    done=0,
    threads=None,
):
    """Yields the result of a function for each item, in order.

    Args:
        function: Function of one item that releases the GIL while it works.
        items: Sequence of the items.
        description: Text in front of the progress bar.
        progress: Whether to show the bar where stderr is a terminal. Defaults
            to `True`.
        ahead: How many results may wait to be taken, where they are large or
            what takes them is slow. Defaults to `None`: any number.
        done: Items that were processed before, for the bar. Defaults to 0.
        threads: Number of threads, for what waits for a network. Defaults to
            `None`: one for each processor.

    Yields:
        The result for each item.
    """
    size = _CHUNK if ahead is None else 1
    chunks = [items[i : i + size] for i in range(0, len(items), size)]
    console = Console(stderr=True)
    disable = not (progress and console.is_terminal)
    pool = concurrent.futures.ThreadPoolExecutor(threads or processors())
    try:
        with Progress(console=console, transient=True, disable=disable) as bar:
            task = bar.add_task(
                no_markup(description),
                total=done + len(items),
                completed=done,
            )
            for results in mapped(
                pool,
                lambda chunk: [function(item) for item in chunk],
                chunks,
                ahead,
            ):
                yield from results
                bar.advance(task, len(results))
    finally:
        pool.shutdown(cancel_futures=True)


def in_order(function, items, ahead, threads=None):
    """Yields results in the order of an iterator, some computed ahead.

    Unlike `in_threads` it does not need to know how many there are.

    Args:
        function: Function of one item.
        items: Iterable of them.
        ahead: How many results may wait.
        threads: Number of threads. Defaults to `None`: one for each processor.

    Yields:
        The result for each item.
    """
    pool = concurrent.futures.ThreadPoolExecutor(threads or processors())
    try:
        yield from mapped(pool, function, items, ahead)
    finally:
        pool.shutdown(cancel_futures=True)


def mapped(pool, function, items, ahead=None):
    """Yields results in order, like `pool.map`, so many computed ahead.

    Args:
        pool: Executor.
        function: Function of one item.
        items: Iterable of them; with `ahead` it is taken from as it goes.
        ahead: How many results may wait to be taken. Defaults to `None`: any
            number.

    Yields:
        The result for each item.
    """
    if ahead is None:
        yield from pool.map(function, items)
        return
    left = iter(items)
    count = ahead + processors()
    waiting = collections.deque(
        pool.submit(function, item) for item in itertools.islice(left, count)
    )
    while waiting:
        yield waiting.popleft().result()
        for item in itertools.islice(left, 1):
            waiting.append(pool.submit(function, item))


def processors():
    """Returns the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
