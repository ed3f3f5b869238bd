"""Wrong labels and outliers, among points in place of features."""

import dataclasses
import sys

import numpy as np
import pytest

from kerasfg.data import field_guide
from kerasfg.data import from_folder
from kerasfg.inspection import outliers
from kerasfg.inspection.inspection import inspect_source
from kerasfg.inspection.label_check import check_labels
from kerasfg.inspection.outliers import find_outliers
from kerasfg.inspection.page.page import inspection_page


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


@pytest.mark.parametrize(
    ("labels", "groups", "message"),
    [
        ([0, 0, 1], None, "at least two classes must have two"),
        ([0, 0, 0, 0, 1, 1], None, "one class must have 5 pictures"),
        (
            [0] * 6 + [1] * 6,
            np.arange(12) // 3,
            "5 that are no copies.* 4 with",
        ),
    ],
)
def test_too_few_pictures_are_an_error(labels, groups, message):
    with pytest.raises(ValueError, match=message):
        check_labels(np.eye(len(labels)), np.array(labels), groups, 0, False)


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


def test_many_are_compared_with_some_of_them(clusters, monkeypatch):
    features, _ = clusters
    for name, value in (
        ("_COMPARE_WITH", len(features) - 9),
        ("_FAR", -np.inf),
        ("MOST", 1.0),
    ):
        monkeypatch.setattr(outliers, name, value)
    random = np.random.default_rng(0)
    rows = random.choice(len(features), len(features) - 9, replace=False)
    mean = []
    for i, own in enumerate(features):
        away = [np.linalg.norm(own - features[j]) for j in rows if j != i]
        mean.append(np.mean(sorted(away)[:10]))
    spread = 1.4826 * np.median(np.abs(mean - np.median(mean)))
    expected = (mean - np.median(mean)) / spread
    found = dict(find_outliers(features))
    assert len(found) == len(features)
    for i, score in found.items():
        assert score == pytest.approx(expected[i], abs=1e-5)


@pytest.mark.slow
def test_wrong_labels_of_drawings_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path))
    birds = field_guide(20)
    labels = np.array(birds.labels)
    labels[::40] = (labels[::40] + 5) % len(birds.class_names)
    found = inspect_source(
        dataclasses.replace(birds, labels=labels), progress=False
    )
    changed = {birds.names[i] for i in range(0, len(birds), 40)}
    ranked = [found.names[index] for index in found.ranking]
    assert len(changed & set(ranked[: 2 * len(changed)])) >= 5
    assert found.facts["labels"]["agree"] > 0.8
    first = found.suspects[0]
    assert first.path == ranked[0] and first.score < 0.1
    typical = found.examples[first.looks_like]
    label = labels[birds.names.index(typical)]
    assert birds.class_names[label] == first.looks_like
    page = inspection_page(found, "birds", progress=False)
    assert page.count("<article") == len(found.suspects)
    assert '"examples": {"' in page


def test_outliers_are_found_without_the_extra(photos, monkeypatch):
    def far_from_all(images, progress):
        random = np.random.default_rng(0)
        features = random.normal(0, 0.1, (len(images), 8)) + 1
        features[3] = -1
        return features / np.linalg.norm(features, axis=1, keepdims=True)

    monkeypatch.setitem(sys.modules, "cleanlab", None)
    monkeypatch.setattr(
        "kerasfg.inspection.features.imagenet_features", far_from_all
    )
    found = inspect_source(from_folder(photos), progress=False)
    assert "pip install 'kerasfg[inspect]'" in found.facts["labels"]["why"]
    assert found.ranking is None
    (outlier,) = found.suspects
    assert (outlier.kind, outlier.path) == ("outlier", found.names[3])
