import contextlib
import pickle
import threading

import numpy as np
import pytest
from rich import console

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.data.progress import in_threads
from kerasfg.data.progress import spread
from kerasfg.data.progress import spread_by


def double(item):
    return 2 * item


@pytest.mark.parametrize("count", [0, 1, 8, 9, 100])
def test_results_come_in_order_and_no_bar_is_drawn_into_a_file(count, capsys):
    results = list(in_threads(double, range(count), "Counting"))
    assert results == [2 * i for i in range(count)]
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_the_bar_on_stderr(capsys, monkeypatch):
    monkeypatch.setattr(console.Console, "is_terminal", True)
    assert list(in_threads(double, [1, 2], "Counting")) == [2, 4]
    output = capsys.readouterr()
    assert "Counting" in output.err and output.out == ""
    list(in_threads(double, [1], "Counting", done=1))
    assert "50%" in capsys.readouterr().err  # where it was before
    list(in_threads(double, [1, 2], "Counting", progress=False))
    assert capsys.readouterr() == ("", "")


def test_an_error_ends_the_threads():
    def fail(item):
        raise KeyError(item)

    before = threading.active_count()
    with pytest.raises(KeyError):
        list(in_threads(fail, range(1000), "Failing"))
    assert threading.active_count() <= before


def engine(chunks, function):
    """Stands for one: it sends the function and the items as bytes."""
    for chunk in chunks:
        sent, items = pickle.loads(pickle.dumps((function, chunk)))
        yield pickle.loads(pickle.dumps(sent(items)))


def test_an_engine_does_the_work_that_is_begun_inside():
    seen = []

    def noting(chunks, function):
        for results in engine(chunks, function):
            seen.append(len(results))
            yield results

    expected = [2 * i for i in range(20)]
    with spread_by(noting):
        assert list(spread(double, range(20), "Counting")) == expected
        assert seen == [8, 8, 4]
        with spread_by(None):
            assert list(spread(double, range(20), "Counting")) == expected
    assert list(spread(double, range(20), "Counting")) == expected
    assert seen == [8, 8, 4]


def test_an_engine_ends_with_what_takes_its_results():
    ended = []

    def unending(chunks, function):
        with contextlib.closing(engine(chunks, function)) as results:
            try:
                yield from results
            finally:
                ended.append(True)

    with spread_by(unending):
        results = spread(double, range(20), "Counting")
        assert next(results) == 0
        results.close()
    assert ended == [True]


def test_pixels_of_an_engine_are_the_same(picture_folder, tmp_path):
    source = from_folder(picture_folder)
    here = prepare(source, 16, cache_dir=tmp_path / "here")
    with spread_by(engine):
        there = prepare(source, 16, cache_dir=tmp_path / "there")
    assert not there.from_cache
    np.testing.assert_array_equal(there.images, here.images)
    np.testing.assert_array_equal(there.thumbnails, here.thumbnails)
    assert (there.names, there.captured) == (here.names, here.captured)
