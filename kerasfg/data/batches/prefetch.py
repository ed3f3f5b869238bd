"""Prefetches the items of an iterable in a thread."""

import collections
import concurrent.futures

_END = object()


def prefetched(items, ahead=4):
    """Yields items while a thread computes the next ones.

    `tf.data.Dataset.prefetch` does not do this for Python generators when
    TensorFlow runs in deterministic mode.

    Args:
        items: Iterable that computes its items lazily.
        ahead: Number of items to compute ahead. Defaults to `4`.

    Yields:
        The items, in order. An error while computing an item is raised in its
        place.
    """
    iterator = iter(items)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = collections.deque(
            pool.submit(next, iterator, _END) for _ in range(ahead)
        )
        while (item := waiting.popleft().result()) is not _END:
            waiting.append(pool.submit(next, iterator, _END))
            yield item
