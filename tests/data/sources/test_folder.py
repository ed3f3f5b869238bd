import os
import threading
import unicodedata

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder


def draw(*parts, color="red"):
    """Saves a small picture under a path, making its folders."""
    path = parts[0].joinpath(*parts[1:])
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (6, 5), color).save(path)
    return path


@pytest.fixture
def root(tmp_path):
    """A folder of two classes of two pictures."""
    for name in ("a", "b"):
        for i in range(2):
            draw(tmp_path, name, f"{i}.png")
    return tmp_path


def test_classes_are_folders(picture_folder):
    source = from_folder(picture_folder)
    assert source.class_names == ("amber", "blue", "coral")
    assert source.names[:2] == ("amber/00.png", "amber/01.png")
    assert source.labels.tolist() == [0] * 12 + [1] * 12 + [2] * 12
    assert source.labels.dtype == np.int32
    assert source.splits is None and source.groups is None
    assert source.read(0).size == (24, 20)


def test_order_is_natural(tmp_path):
    for name in ("class 10", "class 9"):
        for file in ("10.png", "9.png", "09.png", "x.png"):
            draw(tmp_path, name, file)
    source = from_folder(tmp_path)
    assert source.class_names == ("class 9", "class 10")
    assert [name.split("/")[1] for name in source.names[:4]] == [
        "09.png",
        "9.png",
        "10.png",
        "x.png",
    ]


def test_nested_folders_belong_to_the_class(root):
    draw(root, "a", "winter", "2024", "x.png")
    source = from_folder(root)
    assert "a/winter/2024/x.png" in source.names
    assert source.class_names == ("a", "b")


def test_suffixes_of_all_formats_in_any_case(root):
    for suffix in ("JPG", "Jpeg", "WEBP", "tif", "bmp", "gif", "avif", "jp2"):
        draw(root, "a", f"x.{suffix}")
    source = from_folder(root)
    assert len(source) == 12
    for index in range(len(source)):
        assert source.read(index).size == (6, 5)


def test_other_files_are_counted_by_kind(root):
    for name in ("notes.txt", "model.h5", "film.mpg", "Thumbs.db", ".x.png"):
        (root / "a" / name).write_text("x")
    draw(root, ".cache", "x.png")
    draw(root, "a", ".git", "x.png")
    (root / "readme.md").write_text("x")
    with pytest.warns(UserWarning, match="Left out of .*: ") as told:
        source = from_folder(root)
    assert len(source) == 4 and len(told) == 1
    text = str(told[0].message)
    assert "2 texts (.md, .txt)" in text and "1 video (.mpg)" in text
    assert "1 hidden (a/.x.png)" in text and "save stills of videos" in text
    assert dict(source.left_out)["a/film.mpg"] == "video"
    assert dict(source.left_out)[".cache"] == "hidden by the system"


def test_what_lies_in_every_folder_is_not_warned_of(root):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._0.png", "a.txt"):
        (root / "a" / name).write_text("x")
    draw(root, "__MACOSX", "a", "0.png")
    (root / "README.md").write_text("x")
    source = from_folder(root)
    assert len(source) == 4 and len(source.left_out) == 7


def test_unicode_names(tmp_path):
    names = ["Grünfink", "カワセミ", "чиж"]
    for name in names:
        draw(tmp_path, name, 'ö ü, "1".png')
    source = from_folder(tmp_path)
    assert sorted(source.class_names) == sorted(names)
    assert source.read(0).size == (6, 5)


def test_decomposed_names_are_composed(tmp_path):
    decomposed = unicodedata.normalize("NFD", "Grünfink")
    draw(tmp_path, decomposed, "ü.png")
    draw(tmp_path, "Zeisig", "ü.png")
    (tmp_path / "splits.csv").write_text(
        "path,split\nGrünfink/ü.png,test\n", encoding="utf-8"
    )
    source = from_folder(tmp_path)
    assert source.class_names == ("Grünfink", "Zeisig")
    assert source.splits.tolist() == ["test", ""]


def test_names_that_are_no_unicode(root):
    draw(root, "a", os.fsdecode(b"\xff.png"))
    source = from_folder(root)
    assert source.read(source.names.index("a/\udcff.png")).size == (6, 5)


@pytest.mark.parametrize(
    "name",
    [
        os.fsdecode("Grünfink".encode("latin-1")),
        "a\u2028b",
        "a\u2029b",
        "a\x85b",
        "a\nb",
        "a\rb",
        "a\tb",
        "\x7f",
    ],
)
def test_classes_that_are_no_line_of_text_are_to_be_renamed(root, name):
    draw(root, name, "0.png")
    with pytest.raises(ValueError, match="Rename the folder") as error:
        from_folder(root)
    assert f"Rename the folder {name!r}. Received: " in str(error.value)
    assert str(error.value).splitlines() == [str(error.value)]
    str(error.value).encode()  # can be shown


def test_digests_follow_the_content(root):
    before = from_folder(root).digests
    draw(root, "a", "1.png", color="blue")
    after = from_folder(root).digests
    assert [a == b for a, b in zip(before, after, strict=True)] == [
        True,
        False,
        True,
        True,
    ]


def test_reading_in_threads(picture_folder):
    source = from_folder(picture_folder)
    sizes = []
    threads = [
        threading.Thread(target=lambda: sizes.append(source.read(0).size))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [(24, 20)] * 8


# === Links and oddities ===


def test_links_are_followed_but_not_in_circles(root):
    (root / "a" / "loop").symlink_to(root / "a")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "twice").symlink_to(root / "a" / "loop")
    (root / "b" / "self.png").symlink_to("self.png")
    elsewhere = draw(root, ".elsewhere", "x.png")
    (root / "b" / "more").symlink_to(elsewhere.parent)
    (root / "b" / "one.png").symlink_to(elsewhere)
    names = from_folder(root).names
    assert "b/more/x.png" in names and "b/one.png" in names
    assert not any(name.startswith("a/up/") for name in names)
    assert len(names) == len(set(names))


@pytest.mark.timeout(60)
def test_a_pipe_does_not_hang(root):
    os.mkfifo(root / "a" / "x.jpg")
    source = from_folder(root)
    with pytest.raises(OSError, match="neither a file nor a folder"):
        source.read(source.names.index("a/x.jpg"))


def test_a_folder_named_like_a_picture(root):
    draw(root, "a", "x.jpg", "inside.png")
    source = from_folder(root)
    assert "a/x.jpg/inside.png" in source.names
    with pytest.raises(OSError, match="a folder"):
        source.read(source.names.index("a/x.jpg"))


def test_a_broken_link(root):
    (root / "a" / "x.jpg").symlink_to("nowhere.jpg")
    source = from_folder(root)
    index = source.names.index("a/x.jpg")
    assert source.digests[index] == "unreadable"
    with pytest.raises(OSError, match="a broken link"):
        source.read(index)


def test_warns_of_pictures_outside_class_folders(root):
    draw(root, "x.png")
    with pytest.warns(UserWarning, match=r"in no class folder \(x.png\)"):
        assert len(from_folder(root)) == 4


# === Tables ===


def test_splits_are_used(root):
    (root / "splits.csv").write_text(
        "path,split\na/0.png,train\nb/0.png,validation\nb/1.png,TEST\n"
    )
    assert from_folder(root).splits.tolist() == ["train", "", "val", "test"]


@pytest.mark.filterwarnings("ignore:Only 'train' of")
def test_a_folder_train_alone_is_no_split(tmp_path):
    for name in ("a", "b"):
        draw(tmp_path, "train", name, "0.png")
    (tmp_path / "splits.csv").write_text(
        "path,split\ntrain/a/0.png,train\ntrain/b/0.png,test\n"
    )
    assert from_folder(tmp_path).splits.tolist() == ["train", "test"]


def test_near_duplicates_are_grouped(root):
    for i in range(2, 5):
        draw(root, "a", f"{i}.png")
    (root / "near_duplicates.csv").write_text(
        "path_a,path_b,distance\na/0.png,a/2.png,1\nb/1.png,a/4.png,0\n"
        "a/2.png,a/3.png,5\n"
    )
    source = from_folder(root)
    groups = dict(zip(source.names, source.groups.tolist(), strict=True))
    assert groups["a/0.png"] == groups["a/2.png"] == groups["a/3.png"]
    assert groups["b/1.png"] == groups["a/4.png"]
    assert len(set(groups.values())) == 4
    assert source.groups.dtype == np.int32


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("splits.csv", "path,split\na/7.png,test\n", "Received: a/7.png"),
        ("splits.csv", "path,split\na/0.png,exam\n", "split='exam'"),
        ("splits.csv", "file,split\n", "must name the columns"),
        ("near_duplicates.csv", "path_a,path_b\na/0.png,a/7\n", "a/7"),
        ("near_duplicates.csv", "a,b\n", "must name the columns"),
    ],
)
def test_refuses_a_table(file, text, message, root):
    (root / file).write_text(text)
    with pytest.raises(ValueError, match=message):
        from_folder(root)


# === Folders that are no data set ===


def test_refuses_a_missing_folder(tmp_path):
    with pytest.raises(ValueError, match="nowhere', which is missing"):
        from_folder(tmp_path / "nowhere")


def test_refuses_a_file(tmp_path):
    with pytest.raises(ValueError, match="x.png', which is a file"):
        from_folder(draw(tmp_path, "x.png"))


def test_refuses_an_empty_folder(tmp_path):
    with pytest.raises(ValueError, match="folder is empty"):
        from_folder(tmp_path)


def test_refuses_pictures_without_classes(tmp_path):
    draw(tmp_path, "x.png")
    with pytest.raises(ValueError, match="Move them into one folder per class"):
        from_folder(tmp_path)


def test_refuses_a_single_class(tmp_path):
    draw(tmp_path, "a", "x.png")
    with pytest.raises(ValueError, match="at least two class folders.*'a'"):
        from_folder(tmp_path)


def test_refuses_a_class_without_pictures(root):
    (root / "c").mkdir()
    (root / "c" / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match=r"empty=\['c'\]"):
        from_folder(root)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Finch", "finch"), ("Grün", unicodedata.normalize("NFD", "grün"))],
)
def test_refuses_classes_with_equal_normalized_names(first, second, tmp_path):
    draw(tmp_path, first, "x.png")
    draw(tmp_path, second, "x.png")
    if len(list(tmp_path.iterdir())) == 1:
        return  # such folders cannot be on this file system
    with pytest.raises(ValueError, match="differ only in"):
        from_folder(tmp_path)
