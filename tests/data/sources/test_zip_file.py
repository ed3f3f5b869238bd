"""Zip files of class folders; docs/pictures.md has the bad ones."""

import csv
import io
import zipfile

import numpy as np
import pytest

from kerasfg.data import from_folder
from kerasfg.data import from_places
from kerasfg.data import prepare
from kerasfg.data.sources.archives import zip_file
from kerasfg.notice import Notice


def zipped(path, folder, method=zipfile.ZIP_STORED, more=()):
    with zipfile.ZipFile(path, "w", method) as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
        for name, content in dict(more).items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_file_is_read_as_its_folder(picture_folder, tmp_path, method):
    place = zipped(tmp_path / "x.zip", picture_folder, method)
    source, expected = from_places(place), from_folder(picture_folder)
    assert source.names == expected.names
    assert source.digests == expected.digests
    pixels, same = (
        prepare(s, 8, cache_dir=tmp_path / name)
        for s, name in ((source, "1"), (expected, "2"))
    )
    np.testing.assert_array_equal(pixels.images, same.images)
    assert list(tmp_path.glob("**/amber")) == [picture_folder / "amber"]


def test_names_that_lead_elsewhere_are_left_out(picture_folder, tmp_path):
    png = (picture_folder / "blue" / "00.png").read_bytes()
    odd = ["../up.png", "/root.png", "blue/../../x.png", "blue//y.png"]
    more = dict.fromkeys([*odd, "blue\\w.png", "blue/no_suffix"], png)
    more |= {"blue/a.mp4": b"film", "__MACOSX/blue/._0.png": b"x"}
    place = zipped(tmp_path / "x.zip", picture_folder, more=more)
    with pytest.warns(UserWarning, match="4 files with an odd path") as told:
        source = from_places(place)
    assert "1 video (.mp4)" in str(told[0].message)
    assert len(source) == 38
    assert {"blue/w.png", "blue/no_suffix"} < set(source.names)


def test_a_split_in_a_folder_around_all(picture_folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for split in ("train", "test"):
            for file in sorted(picture_folder.rglob("*.png")):
                name = file.relative_to(picture_folder)
                archive.write(file, f"photos/{split}/{name}")
    with pytest.warns(Notice) as told:
        source = from_places(tmp_path / "x.zip")
    assert len(told) == 2
    assert source.names[0] == "test/amber/00.png"
    assert set(source.splits) == {"train", "test"}


def test_names_of_macos_are_utf8_without_saying_so(picture_folder, tmp_path):
    place = tmp_path / "x.zip"
    png = (picture_folder / "blue" / "00.png").read_bytes()
    names = ["Gr\xfcnfink/0.png", "Zeisig/0.png"]
    with zipfile.ZipFile(place, "w") as archive:
        for name in names:
            archive.writestr(name, png)
    content = bytearray(place.read_bytes())
    for mark, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        start = content.index(mark)
        content[start + offset : start + offset + 2] = b"\0\0"
    place.write_bytes(bytes(content))
    assert from_places(place).class_names == ("Gr\xfcnfink", "Zeisig")


def test_a_member_that_is_damaged_or_too_large_is_a_reason(
    picture_folder, tmp_path, monkeypatch
):
    place = zipped(tmp_path / "x.zip", picture_folder)
    content = bytearray(place.read_bytes())
    start = content.index((picture_folder / "amber/00.png").read_bytes())
    content[start + 50] ^= 255
    place.write_bytes(bytes(content))
    source = from_places(place)
    with pytest.raises(OSError, match="damaged in the zip file"):
        source.read(0)
    monkeypatch.setattr(zip_file, "MAX_MEMBER", 100)
    with pytest.raises(OSError, match="more than 100 bytes"):
        source.read(1)


def test_a_table_in_a_zip_file_is_not_silently_ignored(
    picture_folder, tmp_path
):
    place = zipped(tmp_path / "x.zip", picture_folder, more={"splits.csv": "x"})
    with pytest.raises(ValueError, match=r"splits\.csv is not read: unpack"):
        from_places(place)


def found_zip(path, png, rows, more=()):
    """A zip file as the phone app writes it."""
    paths = [row[0].removeprefix("'") for row in rows]
    with zipfile.ZipFile(path, "w") as archive:
        for name in [*paths, *more]:
            archive.writestr(name, png)
        lines = [("path", "label", "time"), *((*row, "") for row in rows)]
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        archive.writestr("found.csv", "\ufeff" + text.getvalue())
    return path


def test_the_table_of_the_app_has_the_names_of_classes(
    picture_folder, tmp_path
):
    png = (picture_folder / "blue" / "00.png").read_bytes()
    rows = [
        ("blue/1.png", "blue"),
        ("red%2Fwhite/2.png", "red/white"),
        ("%74est/3.png", "test"),
        ("'=a/4.png", "'=a"),
        ("moved/5.png", "''b"),
    ]
    place = found_zip(tmp_path / "found.zip", png, rows, ["later/6.png"])
    source = from_places(place)
    names = [source.class_names[label] for label in source.labels]
    assert dict(zip(source.names, names, strict=True)) == {
        "blue/1.png": "blue",
        "red%2Fwhite/2.png": "red/white",
        "%74est/3.png": "test",
        "=a/4.png": "=a",
        "moved/5.png": "'b",
        "later/6.png": "later",
    }
    assert source.splits is None


def test_found_pictures_join_a_folder(picture_folder, tmp_path):
    png = (picture_folder / "blue" / "00.png").read_bytes()
    rows = [("blue/1.png", "blue")]  # one class is enough beside others
    place = found_zip(tmp_path / "found.zip", png, rows)
    source = from_places([picture_folder, place])
    assert source.class_names == from_folder(picture_folder).class_names
    assert source.names[-1] == "found.zip/blue/1.png"
    assert source.class_names[source.labels[-1]] == "blue"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"path,label\r\n\xff", "must be as the app has written it"),
        (b"path,label\r\n", "must hold pictures"),
    ],
)
def test_a_table_of_the_app_that_is_broken(tmp_path, table, message):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("found.csv", table)
    with pytest.raises(ValueError, match=message):
        from_places(tmp_path / "x.zip")


def test_another_table_of_that_name_is_left_out(picture_folder, tmp_path):
    more = {"found.csv": "where,what\r\nhere,that\r\n"}
    place = zipped(tmp_path / "x.zip", picture_folder, more=more)
    assert len(from_places(place)) == len(from_folder(picture_folder))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_rare_method_is_read_or_damaged(picture_folder, tmp_path, method):
    place = zipped(tmp_path / "x.zip", picture_folder, method)
    assert from_places(place).digests == from_folder(picture_folder).digests
    data = bytearray(place.read_bytes())
    start = data.index(b"amber/00.png") + len("amber/00.png")
    data[start + 9 : start + 60] = bytes(51)
    place.write_bytes(data)
    with pytest.raises(OSError, match="damaged in the zip|Invalid data"):
        from_places(place).read(0)


def test_a_bomb_is_unpacked_part_by_part():
    class Bomb:
        asked = []

        def read(self, size):
            self.asked.append(size)
            return bytes(size)

    info = zipfile.ZipInfo("a.png")
    info.compress_type = zipfile.ZIP_LZMA
    assert zip_file._unpack(Bomb(), info, 10_000) == bytes(10_000)
    assert max(Bomb.asked) == 4096


@pytest.mark.parametrize("place", ["central", "local"])
def test_a_zip_file_of_another_version_or_name_is_no_crash(tmp_path, place):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/\u00e9", b"GIF89a")
        archive.writestr("a/b.gif", b"GIF89a")
    data = bytearray(path.read_bytes())
    if place == "central":
        data[data.index(b"PK\1\2") + 6] = 99  # the version that it needs
    else:
        data[data.index(b"a/\xc3") + 2] = 0xFF
    path.write_bytes(data)
    if place == "central":
        with pytest.raises(ValueError, match="whole zip file: zip file vers"):
            zip_file.list_zip(path)
    else:
        assert zip_file.list_zip(path).left_out


def test_a_member_without_a_name_is_left_out(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("?", b"GIF89a")
        archive.writestr("a/b.gif", b"GIF89a")
    path.write_bytes(path.read_bytes().replace(b"?", b"\0"))
    found = zip_file.list_zip(path)
    assert [picture.name for picture in found.pictures] == ["a/b.gif"]
