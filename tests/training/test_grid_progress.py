import pytest

from kerasfg.training.grid_progress import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (99.4, "99 s"),
        (100, "2 min"),
        (5900, "98 min"),
        (5990, "1 h 40 min"),
        (86_400, "24 h 0 min"),
    ],
)
def test_a_duration_is_as_long_as_it_need_be(seconds, words):
    assert duration(seconds) == words
