"""Wrong labels and outliers, among points in place of features."""

import sys

import numpy as np
import pytest

from kerasfg.inspection.label_check import check_labels
from kerasfg.inspection.outliers import find_outliers


@pytest.fixture
def clusters():
    """Three clusters of thirty points of length 1, and their labels."""
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 30)
    points = 3 * np.eye(3, 12)[labels] + random.normal(0, 0.4, (90, 12))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), labels


def test_changed_labels_come_first_with_the_class_they_look_like(clusters):
    features, labels = clusters
    given = labels.copy()
    given[[4, 40, 77]] = [1, 2, 0]
    found = check_labels(features, given, progress=False)
    assert set(found.order[:3]) == {4, 40, 77}
    assert found.looks_like[[4, 40, 77]].tolist() == [0, 1, 2]
    assert np.flatnonzero(found.likely_wrong).tolist() == [4, 40, 77]
    assert found.accuracy == pytest.approx(87 / 90)
    assert np.all(found.self_confidence[[4, 40, 77]] < 0.2)
    assert np.all(np.diff(found.self_confidence[found.order]) >= 0)


def test_right_labels_give_an_empty_list(clusters):
    found = check_labels(*clusters, progress=False)
    assert len(found.order) == 0
    assert not found.likely_wrong.any()


def test_a_copy_does_not_vouch_for_its_label(clusters):
    features, labels = clusters
    # Ten copies of one picture with a wrong label: who learned from one of
    # them believes the others.
    features = np.concatenate([features, np.repeat(features[:1], 10, axis=0)])
    labels = np.concatenate([labels, np.full(10, 2)])
    groups = np.arange(100)
    groups[90:] = groups[0]
    alone = check_labels(features, labels, progress=False)
    together = check_labels(features, labels, groups, progress=False)
    believed = alone.self_confidence[90:].mean()
    assert together.self_confidence[90:].mean() < believed / 2


def test_labels_need_not_be_without_gaps(clusters):
    features, labels = clusters
    found = check_labels(features, 10 * labels + 3, progress=False)
    assert set(found.looks_like) == {3, 13, 23}


def test_a_class_of_one_picture_is_no_error(clusters):
    features, labels = clusters
    labels = labels.copy()
    labels[0] = 9
    found = check_labels(features, labels, progress=False)
    assert 0 in found.order


def test_too_few_pictures_are_an_error():
    with pytest.raises(ValueError, match="at least two classes must have two"):
        check_labels(np.eye(3), np.array([0, 0, 1]), progress=False)


def test_the_extra_is_named_where_it_is_missing(clusters, monkeypatch):
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    with pytest.raises(ImportError, match=r"pip install 'kerasfg\[inspect\]'"):
        check_labels(*clusters, progress=False)


def test_a_point_far_from_all_is_an_outlier(clusters):
    features, _ = clusters
    features = features.copy()
    features[50] = -np.eye(12)[11]
    assert [index for index, _ in find_outliers(features)] == [50]
    assert find_outliers(features[:15]) == []
