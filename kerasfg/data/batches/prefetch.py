"""Work done ahead of time, in a thread."""

import collections
import concurrent.futures

_END = object()


def prefetched(items, ahead=4):
    """Yields items, while the next ones are being made in a thread.

    For what `tf.data.Dataset.prefetch` cannot do: where TensorFlow is told to
    be deterministic, it makes nothing ahead that comes from Python.

    Args:
        items: Iterable that makes its items when they are asked for.
        ahead: How many are made ahead. Defaults to `4`.

    Yields:
        The items, in order. An error in making one is raised in its place.
    """
    iterator = iter(items)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = collections.deque(
            pool.submit(next, iterator, _END) for _ in range(ahead)
        )
        while (item := waiting.popleft().result()) is not _END:
            waiting.append(pool.submit(next, iterator, _END))
            yield item
