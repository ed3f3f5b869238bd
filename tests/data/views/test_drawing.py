import numpy as np
import pytest

from kerasfg.data.views.drawing import draw_views
from kerasfg.data.views.resizers import MIXED

MANY = draw_views("robin.jpg", 4000, seed=0, mixed=True)


def test_views_show_half_of_the_square_or_more():
    areas = np.array([view.width * view.height for view in MANY])
    ratios = np.array([view.width / view.height for view in MANY])
    assert 0.46 < areas.min() < 0.52 and 0.97 < areas.max() <= 1
    assert 0.93**2 <= ratios.min() < 0.88 and 1.12 < ratios.max() <= 1.07**2
    assert max(view.width for view in MANY) == 1  # not beyond the square


@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation"])
def test_colours_change_by_a_fifth_at_most(name):
    factors = np.array([getattr(view, name) for view in MANY])
    assert 0.8 <= factors.min() < 0.81 and 1.19 < factors.max() <= 1.2
    assert abs(factors.mean() - 1) < 0.01


def test_each_way_of_shrinking_is_drawn_as_often_as_it_is_listed():
    found = [view.resizer for view in MANY]
    for name in set(MIXED):
        share = MIXED.count(name) / len(MIXED)
        assert abs(found.count(name) / len(found) - share) < 0.03
    qualities = [view.quality for view in MANY if view.quality]
    assert abs(len(qualities) / len(MANY) - 0.5) < 0.03
    assert min(qualities) == 30 and max(qualities) == 95
    casts = np.array([view.cast for view in MANY])
    assert casts.min() > 0.93 and casts.max() < 1.07
    assert np.all(casts.std(axis=0) > 0.02)


def test_crop_and_colour_do_not_depend_on_the_way_of_shrinking():
    plain = draw_views("robin.jpg", 50, seed=0)
    assert [view[:8] for view in plain] == [view[:8] for view in MANY[:50]]
    assert {view[8:] for view in plain} == {((1, 1, 1), "bicubic", 0)}


def test_more_views_begin_with_those_of_fewer():
    assert draw_views("robin.jpg", 7, 0, mixed=True) == MANY[:7]


def test_views_differ_by_seed_and_name():
    views = draw_views("robin.jpg", 4, 0), draw_views("robin.jpg", 4, 0)
    assert views[0] == views[1]
    assert draw_views("robin.jpg", 4, 1) != views[0]
    assert draw_views("wren.jpg", 4, 0) != views[0]
    assert draw_views("\udcff.jpg", 1, 0)  # a name that is not UTF-8


def test_nothing_is_mirrored_or_recoloured_that_must_not_be():
    views = draw_views("robin.jpg", 99, 0, flip=False, color=0)
    assert {view[4:8] for view in views} == {(False, 1, 1, 1)}
    mirrored = [view.mirrored for view in MANY]
    assert abs(np.mean(mirrored) - 0.5) < 0.03
