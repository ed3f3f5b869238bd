"""Counts of confusions, in bounded space."""

import numpy as np
import pytest

from kerasfg.evaluation.metrics import confusion
from kerasfg.evaluation.metrics.confusion import Confusions
from kerasfg.evaluation.metrics.confusion import drawn_counts


def counted(labels, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    for true, given in zip(labels, predicted, strict=True):
        matrix[true, given] += 1
    return matrix


@pytest.fixture
def predictions():
    random = np.random.default_rng(0)
    labels = random.integers(0, 7, 200)
    wrong = random.random(200) < 0.4
    return labels, np.where(wrong, random.integers(0, 7, 200), labels)


def test_few_classes_have_a_matrix(predictions):
    found = Confusions(*predictions, 7).in_report()
    assert found == {"confusion": counted(*predictions, 7).tolist()}


def test_many_classes_have_a_list_of_the_same_counts(predictions, monkeypatch):
    monkeypatch.setattr(confusion, "MOST_IN_MATRIX", 6)
    found = Confusions(*predictions, 7).in_report()
    assert found["confusion"] is None
    counts = [count for _, _, count in found["confusions"]]
    assert counts == sorted(counts, reverse=True)
    measured = {**found, "per_class": [{}] * 7}
    drawn, counts = drawn_counts(measured)
    np.testing.assert_array_equal(drawn, np.arange(7))
    np.testing.assert_array_equal(counts, counted(*predictions, 7))


def test_the_list_is_bounded(predictions, monkeypatch):
    monkeypatch.setattr(confusion, "MOST_IN_MATRIX", 6)
    monkeypatch.setattr(confusion, "MOST_LISTED", 5)
    found = Confusions(*predictions, 7).in_report()
    assert len(found["confusions"]) == 5


@pytest.mark.parametrize("in_matrix", [6, 300])
def test_of_many_classes_the_most_mistaken_are_drawn(
    predictions, monkeypatch, in_matrix
):
    monkeypatch.setattr(confusion, "MOST_IN_MATRIX", in_matrix)
    monkeypatch.setattr(confusion, "MOST_DRAWN", 3)
    found = Confusions(*predictions, 7).in_report()
    drawn, counts = drawn_counts({**found, "per_class": [{}] * 7})
    matrix = counted(*predictions, 7)
    mistakes = matrix.sum(axis=1) - matrix.diagonal()
    assert sorted(mistakes[drawn]) == sorted(mistakes)[-3:]
    assert list(drawn) == sorted(drawn)
    expected = matrix[np.ix_(drawn, drawn)]
    np.testing.assert_array_equal(counts[:, :3], expected)
    np.testing.assert_array_equal(counts.sum(axis=1), matrix[drawn].sum(axis=1))


def test_two_thousand_classes_need_little_space():
    labels = np.repeat(np.arange(2000), 3)
    found = Confusions(labels, (labels * 7) % 2000, 2000).in_report()
    assert len(str(found)) < 200_000
