import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.how_sure.slices import accuracy_by
from kerasfg.evaluation.how_sure.slices import slices_of


def answers(right):
    """Labels and probabilities of pictures that are right or wrong."""
    labels = np.zeros(len(right), int)
    return labels, np.eye(2)[1 - np.asarray(right, int)]


def test_each_value_has_the_accuracy_of_its_pictures():
    right = [1, 0, 1, 1, 0, 1, 1]
    values = ["b10", "b2", "b10", "b2", "", "b2", " b10 "]
    found = accuracy_by(*answers(right), values)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert not found["numbers"]
    expected = []
    for value in ("b2", "b10", ""):
        of_value = [
            r for r, v in zip(right, values, strict=True) if v.strip() == value
        ]
        expected.append(
            {
                "value": value or None,
                "n": len(of_value),
                "top_1": sum(of_value) / len(of_value),
                "top_1_interval": share_interval(of_value),
            }
        )
    assert found["values"] == expected


def test_groups_widen_the_interval_of_a_part():
    right, values = [1, 1, 1, 0, 0, 0, 1, 1], list("aaaaaabb")
    groups = [0, 0, 0, 1, 1, 1, 2, 3]
    (part, _) = accuracy_by(*answers(right), values, groups)["values"]
    assert part["top_1_interval"] == share_interval(right[:6], groups[:6])
    assert part["top_1_interval"] != share_interval(right[:6])


@given(
    st.lists(
        st.one_of(st.integers(-99, 99), st.floats(-1e6, 1e6), st.just("")),
        min_size=30,
    )
)
def test_many_numbers_are_cut_into_four_parts_of_about_one_size(values):
    if len({float(x) for x in values if x != ""}) <= 8:
        return
    names, places = slices_of(values)
    assert 1 <= len(names) <= 4
    numbers = np.array([np.nan if x == "" else float(x) for x in values])
    assert ((places == -1) == np.isnan(numbers)).all()
    known = ~np.isnan(numbers)
    for number in np.unique(numbers[known]):
        assert len(set(places[numbers == number])) == 1
    bounds = [
        (numbers[places == p].min(), numbers[places == p].max())
        for p in range(len(names))
    ]
    for (_, high), (low, _) in zip(bounds, bounds[1:], strict=False):
        assert high < low
    if len(np.unique(numbers[known])) == known.sum():  # no ties
        sizes = np.bincount(places[known])
        assert len(sizes) == 4 and sizes.max() - sizes.min() <= 2


def test_quartiles_are_named_by_their_numbers():
    names, places = slices_of([float(x) for x in range(1, 13)])
    assert names == ["1 to 3", "4 to 6", "7 to 9", "10 to 12"]
    assert places.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert accuracy_by(*answers([1] * 12), range(12))["numbers"]


def test_few_numbers_and_mixed_texts_are_words():
    assert slices_of(["2020", "2019", "2020"])[0] == ["2019", "2020"]
    words = [str(x) for x in range(9)] + ["nan"]
    assert len(slices_of(words)[0]) == 10


def test_edges_and_errors():
    assert accuracy_by(*answers([1]), [None])["values"] == [
        {
            "value": None,
            "n": 1,
            "top_1": 1.0,
            "top_1_interval": share_interval([1]),
        }
    ]
    with pytest.raises(ValueError, match="2 values of 3 pictures"):
        accuracy_by(*answers([1, 0, 1]), ["a", "b"])
    many = [f"x{i}" for i in range(51)]
    with pytest.raises(ValueError, match=r"by='day', with 51 .*'x0' and 'x1'"):
        slices_of(many, "day")
    assert len(slices_of(many[:50])[0]) == 50
