import itertools
import threading

import pytest

from kerasfg.data.batches.prefetch import prefetched


def test_gives_all_items_in_order():
    assert list(prefetched(range(20))) == list(range(20))
    assert list(prefetched([])) == []


def test_makes_the_next_ones_ahead_and_no_more():
    made = []
    items = prefetched((made.append(i) or i for i in itertools.count()), 3)
    assert next(items) == 0
    items.close()  # waits for what was begun
    assert made == [0, 1, 2, 3]


def test_works_in_another_thread():
    here = threading.get_ident()
    (there,) = prefetched(threading.get_ident() for _ in range(1))
    assert there != here


def test_an_error_comes_in_its_place():
    items = prefetched(1 // (2 - i) for i in range(4))
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(items)


def test_a_consumer_that_stops_leaves_no_thread_behind():
    before = threading.active_count()
    items = prefetched(itertools.count())
    next(items)
    items.close()
    assert threading.active_count() == before
