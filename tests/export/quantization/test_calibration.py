"""The draw of the pictures that ranges come from."""

import numpy as np
import pytest

from kerasfg.export.quantization.calibration import calibration_rows


@pytest.fixture
def labels():
    """Twelve classes, from 5 to 60 pictures each, in mixed order."""
    labels = np.repeat(np.arange(12), np.arange(5, 65, 5))
    return np.random.default_rng(0).permutation(labels)


@pytest.fixture
def splits(labels):
    return np.random.default_rng(1).choice(
        ["train", "val", "test"], len(labels)
    )


def test_contract(labels, splits):
    rows = calibration_rows(labels, splits, pictures=110, seed=3)
    assert rows.dtype == "int64"
    assert len(rows) == len(set(rows.tolist())) == 110
    assert rows.tolist() == sorted(rows.tolist())
    assert set(splits[rows]) == {"train"}


def test_default_is_two_hundred_pictures():
    labels = np.tile(np.arange(10), 60)
    rows = calibration_rows(labels, np.repeat("train", 600))
    assert np.bincount(labels[rows]).tolist() == [20] * 10


def test_classes_share_evenly_while_their_pictures_last(labels, splits):
    rows = calibration_rows(labels, splits, pictures=100)
    given = np.bincount(labels[rows], minlength=12)
    available = np.bincount(labels[splits == "train"], minlength=12)
    share = given.max()
    for count, there in zip(given, available, strict=True):
        assert count == there or share - 1 <= count <= share


def test_more_classes_than_pictures_give_one_each():
    labels = np.repeat(np.arange(150), 2)
    rows = calibration_rows(labels, np.repeat("train", 300), pictures=100)
    assert np.bincount(labels[rows]).max() == 1


def test_seed_decides_the_draw(labels, splits):
    first = calibration_rows(labels, splits, 100, seed=5)
    assert first.tolist() == calibration_rows(labels, splits, 100, 5).tolist()
    other = calibration_rows(labels, splits, 100, seed=6)
    assert first.tolist() != other.tolist()


def test_all_there_are_where_they_are_less_than_asked_for(labels, splits):
    train = np.flatnonzero(splits == "train")
    rows = calibration_rows(labels, splits, pictures=1000)
    assert rows.tolist() == train.tolist()


def test_fewer_than_a_hundred_is_said():
    labels = np.repeat([0, 1], 30)
    with pytest.warns(UserWarning, match="Only 60 training pictures"):
        rows = calibration_rows(labels, np.repeat("train", 60))
    assert rows.tolist() == list(range(60))


def test_rejects_too_few_pictures(labels, splits):
    with pytest.raises(ValueError, match="at least 100.*Received: pictures=99"):
        calibration_rows(labels, splits, pictures=99)


def test_rejects_no_training_split(labels):
    with pytest.raises(ValueError, match=r"training pictures.*\['test'\]"):
        calibration_rows(labels, np.repeat("test", len(labels)))


def test_rejects_splits_of_another_length(labels, splits):
    with pytest.raises(ValueError, match="a label and a split. Received"):
        calibration_rows(labels, splits[1:])
