import os

import numpy as np
import pytest

from kerasfg.data import prepare
from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.listed import listed_source

NAMES = ("a/0.jpg", "a/1.jpg", "b/0.jpg")
SPLITS = ("train", "test", "train")


@pytest.fixture
def archive(tmp_path, draw):
    for seed, name in enumerate(NAMES):
        draw(tmp_path / name, (10, 8), seed)
    return Archive(tmp_path, "Birds", "birds.tgz")


def listed(archive, names=NAMES, labels=(0, 0, 1), classes=("a", "b"), **more):
    return listed_source(archive, names, labels, classes, SPLITS, **more)


def test_contract(archive):
    source = listed(archive)
    assert source.class_names == ("a", "b")
    assert source.names == NAMES
    assert source.labels.dtype == np.int32
    assert source.splits.tolist() == list(SPLITS)
    assert source.groups is None
    assert source.read(2).size == (10, 8)
    assert source.read(2).mode == "RGB"


def test_pixels_are_found_again_until_a_file_changes(archive, tmp_path):
    def made(source):
        return not prepare(source, 8, cache_dir=tmp_path / "c").from_cache

    assert made(listed(archive))
    assert not made(listed(archive))
    os.utime(tmp_path / "a" / "0.jpg", (1, 1))
    assert made(listed(archive))


def test_pictures_of_one_size_and_date_are_not_one_file(archive, tmp_path):
    for name in NAMES:
        (tmp_path / name).write_bytes(b"8 bytes " * 9)
        os.utime(tmp_path / name, (1_700_000_000, 1_700_000_000))
    assert len(set(listed(archive).digests)) == len(NAMES)


def test_a_box_is_cut_out_and_is_another_picture(archive):
    whole = np.asarray(listed(archive).read(0))
    boxes = [(1, 2, 6, 7), (1.6, 2, 6.2, 7), (-5, -5, 99, 99)]
    cut = listed(archive, boxes=boxes)
    np.testing.assert_array_equal(np.asarray(cut.read(0)), whole[2:7, 1:6])
    assert cut.read(1).size == (6, 5)  # from 1 to 7
    assert cut.read(2).size == (10, 8)
    assert not set(cut.digests) & set(listed(archive).digests)
    wider = listed(archive, boxes=boxes, margin=0.2)
    np.testing.assert_array_equal(np.asarray(wider.read(0)), whole[1:8, :7])
    assert not set(wider.digests) & set(cut.digests)


@pytest.mark.parametrize("box", [(10, 0, 20, 8), (3, 3, 3, 5), (5, 5, 2, 2)])
def test_reading_a_box_outside_the_picture_is_an_error(archive, box):
    source = listed(archive, boxes=[box] * 3)
    with pytest.raises(ValueError, match="is outside the picture"):
        source.read(0)


def test_missing_pictures_are_counted_and_one_is_named(archive, tmp_path):
    (tmp_path / "a" / "1.jpg").unlink()
    (tmp_path / "b" / "0.jpg").unlink()
    (tmp_path / "b" / "0.jpg").mkdir()
    message = "2 of 3 pictures are missing, such as a/1.jpg.*Received: dir"
    with pytest.raises(ValueError, match=message):
        listed(archive)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"names": ("a/0.jpg", "b/0.jpg", "a/0.jpg")},
            "'a/0.jpg' is listed tw",
        ),
        ({"classes": ("a", "a")}, "class 'a' is listed twice"),
        ({"classes": ("a", "b", "c")}, r"1 of 3 classes.*\['c'\]"),
        ({"labels": (0, 1, 2)}, "a class beyond the 2"),
        ({"labels": (0, 1, -1)}, "a class beyond the 2"),
    ],
    ids=str,
)
def test_lists_must_fit(archive, changed, message):
    with pytest.raises(ValueError, match=message):
        listed(archive, **changed)
