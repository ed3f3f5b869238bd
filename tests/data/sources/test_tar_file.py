"""Tar files of class folders; docs/pictures.md has some bad ones."""

import io
import tarfile

import pytest

from kerasfg.data import from_folder
from kerasfg.data import from_places
from kerasfg.data.sources.archives import tar_file
from kerasfg.data.sources.archives.tar_file import tar_members


def tarred(path, folder, more=(), form=tarfile.PAX_FORMAT):
    with tarfile.open(path, "w", format=form) as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.add(file, file.relative_to(folder))
        for info, content in more:
            archive.addfile(info, io.BytesIO(content))
    return path


def member(name, content=b"", kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    return info, content


@pytest.mark.parametrize(
    "form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]
)
def test_a_tar_file_is_read_as_its_folder(picture_folder, tmp_path, form):
    place = tarred(tmp_path / "x.tar", picture_folder, form=form)
    source, expected = from_places(place), from_folder(picture_folder)
    assert source.names == expected.names
    assert source.digests == expected.digests
    assert source.read(3).tobytes() == expected.read(3).tobytes()


def test_what_leads_elsewhere_is_left_out(picture_folder, tmp_path):
    png = (picture_folder / "blue" / "00.png").read_bytes()
    more = [
        *(
            member(name, png)
            for name in ("../a.png", "/b.png", "blue/../c.png")
        ),
        member("blue/link.png", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        member("blue/hard.png", kind=tarfile.LNKTYPE, link="blue/00.png"),
        member("blue/pipe.png", kind=tarfile.FIFOTYPE),
        member("blue/device.png", kind=tarfile.CHRTYPE),
        member("./blue/ok.png", png),
        member("blue/a.mp4", b"film"),
        member(f"blue/{300 * 'n'}.png", png),
        member("__MACOSX/blue/._0.png", b"x"),
    ]
    place = tarred(tmp_path / "x.tar", picture_folder, more)
    with pytest.warns(UserWarning, match="4 special files") as told:
        source = from_places(place)
    assert "3 files with an odd path" in str(told[0].message)
    names = {f"blue/{300 * 'n'}.png", "blue/ok.png"}
    assert set(source.names) - set(from_folder(picture_folder).names) == names


def cut(data, end):
    """Leaves so many bytes of a member in the middle."""
    return data[: data.index(b"blue/03.png") + end]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: cut(data, 600), "unexpected end of data"),
        (lambda data: cut(data, 100), "truncated|damaged at"),
        (lambda data: data.replace(b"blue/00.png", b"blue/0x.png"), "damaged"),
        (lambda data: b"GIF89a", "truncated header"),
        (lambda data: b"", "empty file"),
        (lambda data: b"\x1f\x8b" + data, "not compressed"),
    ],
)
def test_a_damaged_tar_file_is_an_error(
    picture_folder, tmp_path, damage, message
):
    place = tarred(tmp_path / "x.tar", picture_folder)
    place.write_bytes(damage(place.read_bytes()))
    with pytest.raises(ValueError, match=message):
        from_places(place)


def test_a_size_that_no_file_has_is_an_error(tmp_path):
    info, _ = member("a/b.png")
    info.size = 2**62
    place = tmp_path / "x.tar"
    place.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(2000))
    with pytest.raises(ValueError, match="whole tar file"):
        list(tar_members(place, []))


@pytest.mark.parametrize("kind", [b"x", b"L"])
def test_a_large_or_endless_header_is_refused(tmp_path, kind, monkeypatch):
    place = tmp_path / "x.tar"
    large = member("x", kind=kind)[0]
    large.size = 10**9
    place.write_bytes(large.tobuf() + bytes(2**21))
    with pytest.raises(ValueError, match="header of it is too large"):
        list(tar_members(place, []))
    endless = member("x", kind=b"x")[0].tobuf()
    place.write_bytes(endless * 3000)
    with pytest.raises(ValueError, match="whole tar file"):
        list(tar_members(place, []))


def test_too_many_or_too_large_members(picture_folder, tmp_path, monkeypatch):
    place = tarred(tmp_path / "x.tar", picture_folder)
    monkeypatch.setattr(tar_file, "MAX_MEMBER", 100)
    with pytest.raises(OSError, match="more than 100 bytes"):
        from_places(place).read(1)
    monkeypatch.setattr(tar_file, "MAX_MEMBERS", 10)
    with pytest.raises(ValueError, match="more than 10 files"):
        from_places(place)


def test_a_size_below_zero_does_not_lead_back(tmp_path):
    place = tmp_path / "photos.tar"
    with tarfile.open(place, "w", format=tarfile.PAX_FORMAT) as archive:
        for size in ("-1", "-1024"):
            info = tarfile.TarInfo(f"a/{size}.png")
            info.pax_headers = {"size": size}
            archive.addfile(info)
    with pytest.raises(ValueError, match="a size below 0"):
        list(tar_members(place, []))
