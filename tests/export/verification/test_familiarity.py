"""The familiarity of a file, judged against Keras's."""

import numpy as np
import pytest

from kerasfg.export.verification.familiarity import judge_familiarity


def test_what_is_near_enough():
    expected = np.array([0.1, 0.49999, 0.9])
    found = judge_familiarity(expected + 5e-5, expected, "float32")
    difference, agreement, failure = found
    assert difference == pytest.approx(5e-5)
    assert (agreement, failure) == (1, None)  # so near 0.5 either is right


def test_float32_keeps_to_a_ten_thousandth():
    expected = np.array([0.1, 0.6, 0.9])
    given = expected + [0, 2e-4, 0]
    _, agreement, failure = judge_familiarity(given, expected, "float32")
    assert agreement == 1
    assert "picture 1 of 3 differs by 0.0002" in failure
    assert judge_familiarity(given, expected, "float16")[2] is None


@pytest.mark.parametrize("variant", ["float16", "dynamic", "int8", "mixed"])
def test_two_of_a_hundred_may_be_on_the_other_side(variant):
    expected = np.linspace(0.6, 0.9, 100)
    given = expected.copy()
    given[:2] = 0.4
    found = judge_familiarity(given, expected, variant)
    assert found == (pytest.approx(0.203, abs=1e-3), 0.98, None)
    given[2] = 0.49
    _, agreement, failure = judge_familiarity(given, expected, variant)
    assert agreement == 0.97
    assert failure == (
        "For 3 of 100 pictures it disagrees with Keras whether they are "
        "familiar; allowed: 2."
    )


def test_one_of_few_pictures_may_differ():
    expected = np.array([0.6, 0.7, 0.2])
    assert judge_familiarity([0.4, 0.7, 0.2], expected, "int8")[2] is None
    assert judge_familiarity([0.4, 0.4, 0.2], expected, "int8")[2] is not None
