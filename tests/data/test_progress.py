import threading

import pytest
from rich import console

from kerasfg.data.progress import in_threads


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
