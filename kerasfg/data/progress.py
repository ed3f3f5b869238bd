"""Processes many items in threads, with a progress bar on stderr."""

import collections
import concurrent.futures
import contextlib
import contextvars
import functools
import itertools
import os

from rich.console import Console
from rich.progress import Progress

from kerasfg.terminal_text import no_markup

# Items that a thread takes at a time. Single items would cost 10 % more time.
_CHUNK = 8
# The engine that does the work of `spread` in place of threads.
_ENGINE = contextvars.ContextVar("engine", default=None)


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
    pool = concurrent.futures.ThreadPoolExecutor(threads or processors())
    try:
        each = functools.partial(for_each, function)
        results = mapped(pool, each, _chunks(items, size), ahead)
        yield from _shown(results, len(items), description, progress, done)
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


@contextlib.contextmanager
def spread_by(engine):
    """Lets an engine do the work of calls of `spread` in a `with` block.

    Args:
        engine: Generator function of an iterable of lists of items, and of a
            function from such a list to the list of results, which it sends to
            other processes; it yields these lists in order. See
            `kerasfg.engines.ray_data.RayData`. `None` is threads.
    """
    token = _ENGINE.set(engine)
    try:
        yield
    finally:
        _ENGINE.reset(token)


def spread(function, items, description, progress=True, ahead=None, done=0):
    """Yields the same as `in_threads`, or lets an engine do the work.

    Args:
        function: As of `in_threads`; for an engine, one that can be pickled.
        items: As of `in_threads`, like all that follow.
        description: As there.
        progress: As there.
        ahead: As there; an engine has limits of its own.
        done: As there.

    Yields:
        The result for each item.
    """
    engine = _ENGINE.get()
    if engine is None:
        yield from in_threads(
            function, items, description, progress, ahead, done
        )
        return
    each = functools.partial(for_each, function)
    with contextlib.closing(engine(_chunks(items, _CHUNK), each)) as results:
        yield from _shown(results, len(items), description, progress, done)


def for_each(function, items):
    """Returns the list of a function's results; it can be pickled."""
    return [function(item) for item in items]


def _chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def _shown(chunks, count, description, progress, done):
    """Yields the items of lists, and shows a bar."""
    with progress_bar(done + count, description, progress, done) as advance:
        for results in chunks:
            yield from results
            advance(len(results))


@contextlib.contextmanager
def progress_bar(total, description, progress=True, done=0):
    """Shows a bar on stderr where that is a terminal.

    Args:
        total: How many items there are.
        description: Text in front of the bar.
        progress: Whether to show it. Defaults to `True`.
        done: Items that were processed before. Defaults to 0.

    Yields:
        Function that is called with the number of items that were done.
    """
    console = Console(stderr=True)
    disable = not (progress and console.is_terminal)
    with Progress(console=console, transient=True, disable=disable) as bar:
        task = bar.add_task(no_markup(description), total=total, completed=done)
        yield functools.partial(bar.advance, task)


def mapped(pool, function, items, ahead=None):
    """Yields results in order, like `pool.map`, with some computed ahead.

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
