"""Zip files of class folders; docs/pictures.md has the bad ones."""

import zipfile

import numpy as np
import pytest

from kerasfg.data import from_folder
from kerasfg.data import from_places
from kerasfg.data import prepare
from kerasfg.data.sources import zip_file
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
