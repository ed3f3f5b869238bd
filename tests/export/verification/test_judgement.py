"""Numbers, limits and what follows; no file is run."""

import numpy as np
import pytest

from kerasfg.export.verification.judgement import judge
from kerasfg.export.verification.limits import LIMITS
from kerasfg.export.verification.limits import Limits

INT8 = LIMITS["int8"]


def _rows(tops, classes=5):
    """Probabilities whose top class is the given one."""
    rows = np.full((len(tops), classes), 0.4 / (classes - 1), "float32")
    rows[np.arange(len(tops)), tops] = 0.6
    return rows


def _judge(tops, keras, labels=None, limits=INT8, classes=5):
    given, expected = _rows(tops, classes), _rows(keras, classes)
    return judge(given, expected, labels, limits)


@pytest.fixture
def labels():
    return np.arange(200) % 5


def _wrong(labels, count, start=0):
    tops = labels.copy()
    tops[start : start + count] = (tops[start : start + count] + 1) % 5
    return tops


def test_numbers_are_those_of_plain_loops(rng):
    given = rng.dirichlet(np.ones(4), 30).astype("float32")
    expected = rng.dirichlet(np.ones(4), 30).astype("float32")
    labels = rng.integers(0, 4, 30)
    largest = total = agree = right = keras_right = 0
    for i in range(30):
        for j in range(4):
            difference = abs(float(given[i, j]) - float(expected[i, j]))
            largest, total = max(largest, difference), total + difference
        top, keras = np.argmax(given[i]), np.argmax(expected[i])
        agree += top == keras
        right += top == labels[i]
        keras_right += keras == labels[i]
    found = judge(given, expected, labels, Limits())
    assert found.max_difference == pytest.approx(largest)
    assert found.mean_difference == pytest.approx(total / 120)
    assert found.top_1_agreement == pytest.approx(agree / 30)
    assert found.accuracy == pytest.approx(right / 30)
    assert found.keras_accuracy == pytest.approx(keras_right / 30)
    assert found.failures == ()


@pytest.mark.parametrize("variant", LIMITS)
@pytest.mark.parametrize("is_labelled", [False, True])
def test_what_keras_gives_passes_everywhere(labels, variant, is_labelled):
    shown = labels if is_labelled else None
    found = _judge(labels, labels, shown, LIMITS[variant])
    assert found.failures == ()


def test_difference_beyond_the_limit(labels):
    given, expected = _rows(labels), _rows(labels)
    given[7, 3] += 0.02
    found = judge(given, expected, labels, LIMITS["float16"])
    (failure,) = found.failures
    assert "picture 7 of 200 differs by 0.02 from Keras's" in failure
    assert "more than 0.01" in failure
    assert not judge(given, expected, labels, Limits(0.03)).failures


def test_not_a_number_of_keras_is_no_agreement(labels):
    expected = _rows(labels)
    expected[3, 0] = np.nan
    found = judge(_rows(labels), expected, None, LIMITS["float32"])
    assert "differs by nan" in found.failures[0]


def test_full_agreement_allows_no_picture(labels):
    found = _judge(_wrong(labels, 1, 9), labels, limits=Limits(agreement=1))
    (failure,) = found.failures
    assert "1 of 200 pictures, first for picture 9; allowed: 0." in failure


def test_classes_that_change_places_within_the_limit_agree():
    expected = np.array([[0.5, 0.4999, 0.0001]] * 2)
    given = np.array([[0.4999, 0.5, 0.0001], [0.3, 0.3, 0.4]])
    both = judge(given, expected, None, Limits(0.001, 1))
    assert both.top_1_agreement == 0.5  # a third class is no tie
    assert "first for picture 1" in both.failures[1]
    assert judge(given, expected, None, Limits(0.001)).top_1_agreement == 0


@pytest.mark.parametrize(("pictures", "allowed"), [(12, 1), (100, 1), (200, 2)])
def test_accuracy_may_drop_a_point_or_a_picture(labels, pictures, allowed):
    shown = labels[:pictures]
    assert not _judge(_wrong(shown, allowed), shown, shown).failures
    found = _judge(_wrong(shown, allowed + 1), shown, shown)
    (failure,) = found.failures
    assert f"{allowed + 1} fewer; allowed: {allowed}." in failure


def test_drop_is_adjustable(labels):
    tops = _wrong(labels, 10)
    assert _judge(tops, labels, labels, Limits(accuracy_drop=0.049)).failures
    assert not _judge(tops, labels, labels, Limits(accuracy_drop=0.05)).failures


def test_other_mistakes_are_no_drop(labels):
    keras, tops = _wrong(labels, 20), _wrong(labels, 20, start=100)
    found = _judge(tops, keras, labels)
    assert found.failures == ()
    assert found.accuracy == found.keras_accuracy == pytest.approx(0.9)
    assert found.top_1_agreement == pytest.approx(0.8)


def test_without_labels_agreement_stands_in(labels):
    found = _judge(_wrong(labels, 2), labels)
    assert found.failures == ()
    assert "judged by agreement, not accuracy" in found.notes[0]
    assert (found.accuracy, found.keras_accuracy) == (None, None)
    (failure,) = _judge(_wrong(labels, 3), labels).failures
    assert "for 3 of 200 pictures, first for picture 0; allowed: 2." in failure


def test_near_chance_the_quantized_cannot_be_judged(labels):
    keras = _wrong(labels, 130)  # 35 %, and chance is 20 %
    (failure,) = _judge(keras, keras, labels).failures
    assert failure.startswith(
        "It cannot be judged. Keras is right for 35.0 % of the "
        "pictures, hardly more than chance (20.0 %)"
    )


def test_near_chance_the_difference_still_counts(labels):
    keras, limits = _wrong(labels, 130), Limits(0.9, 1.0)
    found = _judge(_wrong(keras, 50), keras, labels, limits)
    assert found.failures == ()
    assert "top classes are not compared" in found.notes[0]
    limits = Limits(0.1, 1.0)
    found = _judge(_wrong(keras, 50), keras, labels, limits)
    assert ["differs" in x for x in found.failures] == [True]


def test_twenty_points_above_chance_count():
    labels = np.arange(100) % 10
    keras = labels.copy()
    keras[:70] = (keras[:70] + 1) % 10  # 30 %, and chance is 10 %
    assert not _judge(keras, keras, labels, classes=10).failures
    keras[70] += 1
    assert _judge(keras, keras, labels, classes=10).failures
