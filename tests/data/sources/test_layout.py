"""Splits and levels of folders; docs/pictures.md has the odd ones."""

import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.data import write_splits
from kerasfg.data.files import find
from kerasfg.data.files.find import Found
from kerasfg.data.files.find import FoundFile
from kerasfg.data.sources.layout import LayoutReader
from kerasfg.data.sources.lists import table
from kerasfg.data.sources.place import check_places
from kerasfg.data.splits import read_splits
from kerasfg.notice import Notice


def draw(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4)).save(folder / name)


def test_folders_above_the_classes_are_the_split(tmp_path):
    for split in ("Train", "validation", "TEST "):
        draw(tmp_path, f"{split}/a/0.png", f"{split}/b/0.png")
    draw(tmp_path, "Train/c/0.png")
    with pytest.warns(Notice, match="3 train, 2 val, 2 test pictures of 3 cl"):
        source = from_folder(tmp_path)
    assert source.class_names == ("a", "b", "c")
    splits = dict(zip(source.names, source.splits.tolist(), strict=True))
    assert splits["Train/a/0.png"] == "train"
    assert splits["validation/b/0.png"] == "val"
    assert splits["TEST /a/0.png"] == "test"


@pytest.mark.parametrize("locked", ["iris", "val", "train/iris"])
def test_a_folder_that_cannot_be_read_is_named(locked):
    start = "" if locked == "iris" else "train/"
    names = [f"{start}{name}" for name in ("daisy", "rose")]
    files = [FoundFile(f"{name}/1.png", "") for name in names]
    found = Found(
        [*files, FoundFile(locked, "", "Permission denied")],
        [*filter(None, [start.strip("/")]), *names, locked],
        [],
    )
    message = f"must be readable.*with '{locked}': Permission denied"
    with pytest.raises(ValueError, match=message):
        LayoutReader(found, "photos").read()


@pytest.mark.parametrize("name", ["photos", "list.csv", "photos.zip"])
def test_a_place_that_cannot_be_read_is_named(tmp_path, monkeypatch, name):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    place = tmp_path / name
    draw(tmp_path, "photos/a/0.png")
    place.touch()
    monkeypatch.setattr(find, "_sorted_entries", refuse)
    monkeypatch.setattr(table, "encoding_of", refuse)
    monkeypatch.setattr("zipfile.ZipFile", refuse)
    message = "must be readable: give yourself the right to read.*Received: dir"
    with pytest.raises(ValueError, match=message):
        check_places([str(place)])


def test_a_place_after_one_elsewhere_is_checked_too(tmp_path):
    absent = str(tmp_path / "absent")
    with pytest.raises(ValueError, match="absent"):
        check_places(["hf://somebody/birds", absent])
    with pytest.raises(ValueError, match=r"a folder or another.*Received: \[]"):
        check_places([])


def test_splits_and_a_table_of_splits_are_one_too_many(tmp_path):
    draw(tmp_path, "train/a/0.png", "train/b/0.png", "test/a/0.png")
    (tmp_path / "splits.csv").write_text("path,split\ntest/a/0.png,test\n")
    with pytest.raises(ValueError, match="There must be one split"):
        from_folder(tmp_path)


@pytest.mark.parametrize(
    ("level", "classes"), [(1, ("a", "b")), (2, ("x", "y", "z"))]
)
def test_the_level_of_the_classes_may_be_said(tmp_path, level, classes):
    draw(tmp_path, "a/x/0.png", "a/y/0.png", "b/z/1/0.png", "b/z/2/0.png")
    with pytest.raises(ValueError, match="Set `class_level` to 1"):
        from_folder(tmp_path)
    source = from_folder(tmp_path, class_level=level)
    assert source.class_names == classes and len(source) == 4


def test_the_level_is_counted_below_a_split(tmp_path):
    for split in ("train", "test"):
        draw(tmp_path, f"{split}/a/x/0.png", f"{split}/b/z/0.png")
    with pytest.warns(Notice):
        source = from_folder(tmp_path, class_level=2)
    assert source.class_names == ("x", "z")


def test_names_of_split_folders_may_be_classes(tmp_path):
    draw(tmp_path, "train/0.png", "test/0.png")
    with pytest.raises(ValueError, match="hold no class folders"):
        from_folder(tmp_path)
    source = from_folder(tmp_path, class_level=1)
    assert source.class_names == ("test", "train") and source.splits is None


def test_blanks_at_the_ends_belong_to_the_path_alone(tmp_path):
    """The class is without them; each picture is found by its own name."""
    draw(tmp_path, " wren/0.png", "owl /1.png", "owl /a\\b .png")
    source = from_folder(tmp_path)
    assert source.class_names == ("owl", "wren")
    assert set(source.names) == {" wren/0.png", "owl /1.png", "owl /a\\b .png"}
    write_splits(tmp_path / "s.csv", source.names, ["train", "val", "test"])
    known = read_splits(tmp_path / "s.csv", source.names)
    expected = zip(source.names, ["train", "val", "test"], strict=True)
    assert known == dict(expected)
    (tmp_path / "s.csv").rename(tmp_path / "splits.csv")
    assert from_folder(tmp_path).splits.tolist() == ["train", "val", "test"]
    assert len(prepare(source, 8, cache_dir=tmp_path / ".cache")) == 3
