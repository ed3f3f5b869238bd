import dataclasses

import numpy as np
import pytest

from kerasfg.data import from_folder
from kerasfg.data.sources.some_classes import some_classes


@pytest.fixture
def source(picture_folder):
    """Three classes of twelve pictures, with all that a source may know."""
    return dataclasses.replace(
        from_folder(picture_folder),
        splits=np.array(["train", "val", "test"] * 12),
        groups=np.arange(36, dtype=np.int32),
        attributes={"size": (("small", "large"), np.arange(36) % 2)},
        columns={"camera": tuple(f"camera {i}" for i in range(36))},
        left_out=(("a/film.mp4", "a video"),),
    )


def test_pictures_keep_all_that_is_known_of_them(source):
    found = some_classes(source, 2, seed=0)
    assert len(found) == 24
    rows = [source.names.index(name) for name in found.names]
    for row, label in zip(rows, found.labels, strict=True):
        own = source.class_names[source.labels[row]]
        assert found.class_names[label] == own
    assert found.digests == tuple(source.digests[row] for row in rows)
    np.testing.assert_array_equal(found.splits, source.splits[rows])
    np.testing.assert_array_equal(found.groups, source.groups[rows])
    values, indices = found.attributes["size"]
    assert values == ("small", "large")
    np.testing.assert_array_equal(indices, np.array(rows) % 2)
    assert found.columns == {"camera": tuple(f"camera {row}" for row in rows)}
    assert found.left_out == source.left_out
    for index in (0, 11, 12, 23):
        given, own = found.read(index), source.read(rows[index])
        np.testing.assert_array_equal(given, own)


def test_classes_are_drawn_by_the_seed_and_keep_their_order(source):
    drawn = [some_classes(source, 2, seed).class_names for seed in range(20)]
    assert drawn[3] == some_classes(source, 2, 3).class_names
    assert set(drawn) == {
        ("amber", "blue"),
        ("amber", "coral"),
        ("blue", "coral"),
    }


def test_all_classes_are_the_source_again(source):
    found = some_classes(source, 3, seed=5)
    assert found.names == source.names
    np.testing.assert_array_equal(found.labels, source.labels)
    assert found.labels.dtype == np.int32


def test_a_source_without_splits_and_groups(picture_folder):
    found = some_classes(from_folder(picture_folder), 2)
    assert found.splits is None and found.groups is None
    assert found.attributes == {}


@pytest.mark.parametrize("count", [1, 4])
def test_refuses_a_count(source, count):
    with pytest.raises(ValueError, match=f"of the data, 3.*classes={count}"):
        some_classes(source, count)
