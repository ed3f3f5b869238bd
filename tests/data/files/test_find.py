"""The search for pictures, by suffix and by first bytes."""

import os

import pytest
from PIL import Image

from kerasfg.data.files.find import find_files
from kerasfg.data.files.formats import is_picture
from kerasfg.data.files.left_out import describe_left_out
from kerasfg.data.files.left_out import kind_of

FORMATS = {
    "BMP": "x",
    "GIF": "x",
    "HEIF": "x",
    "AVIF": "x",
    "JPEG": "x",
    "JPEG2000": "x",
    "PNG": "x.txt",
    "TIFF": "x.mp4",
    "WEBP": "x.unknown",
}


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_is_known_by_its_first_bytes(tmp_path, format):
    name = FORMATS[format]
    Image.new("RGB", (16, 16)).save(tmp_path / name, format)
    found = find_files(tmp_path)
    assert [file.name for file in found.pictures] == [name]
    assert found.left_out == []


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.MP4", b"x", "video"),
        ("a", b"\0\0\0\x14ftypqt  ", "video"),
        ("a", b"%PDF-1.7", "PDF"),
        ("a.nef", b"MM\0*", "raw camera file"),
        ("a", b"\0\0\0\x18ftypcrx ", "raw camera file"),
        ("a.eps", b"%!PS", "drawing"),
        ("a.jxl", b"x", "JPEG XL picture"),
        ("a", b"", "empty file"),
        ("a", b"PK\3\4", "archive"),
        ("a.npz", b"x", "other file"),
        ("BM of a text.md", b"BM of", "text"),
        ("__MACOSX", b"x", "hidden by the system"),
        (".a.jpg", b"x", "hidden"),
        ("._a.jpg", b"x", "hidden by the system"),
    ],
)
def test_other_files_are_of_a_kind(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    found = find_files(tmp_path)
    assert found.pictures == []
    assert found.left_out == [(name, kind)]


def test_what_cannot_be_read_is_left_out_or_has_a_problem(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone").symlink_to("nowhere")
    found = find_files(tmp_path)
    assert sorted(found.left_out) == [
        ("gone", "broken link"),
        ("pipe", "special file"),
    ]
    (pipe,) = found.pictures
    with pytest.raises(OSError, match="neither a file nor a folder"):
        pipe.open()


def test_chains_of_links_do_not_multiply(tmp_path):
    """Each of 30 folders links to the next one twice: 2 ** 30 paths."""
    for i in range(30):
        (tmp_path / f".{i}").mkdir()
        for name in "xy":
            (tmp_path / f".{i}" / name).symlink_to(tmp_path / f".{i + 1}")
    (tmp_path / ".30").mkdir()
    Image.new("L", (1, 1)).save(tmp_path / ".30" / "0.png")
    (tmp_path / "a").symlink_to(tmp_path / ".0")
    assert len(find_files(tmp_path).pictures) == 1


def test_first_bytes_alone_make_no_picture():
    assert not is_picture(b"")
    assert not is_picture(b"BM of the month")
    assert is_picture(b"\0\0\0\x18ftypheic")


def test_counts_say_what_to_do_and_show_no_control_characters():
    said = describe_left_out(
        [("a/1.mp4", "video"), ("a/2.mov", "video"), ("a/.\x1b3.jpg", "hidden")]
    )
    assert said.startswith(r"2 videos (.mov, .mp4), 1 hidden (a/.\x1b3.jpg)")
    assert "save stills of videos" in said
    assert describe_left_out([("a.txt", kind_of("a.txt", b"x"))]) == ""
    boxes = [("a", "box without area"), ("b", "box without area")]
    assert describe_left_out(boxes) == "2 boxes without area"
