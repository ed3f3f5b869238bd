"""Pictures on servers of this machine: S3 by moto, HTTP, and as Google has it.

What is elsewhere must be read as what is here.
"""

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from stand_ins import color_predictor

from kerasfg.data import from_folder
from kerasfg.data import from_places
from kerasfg.data.progress import in_order
from kerasfg.data.remote import bucket
from kerasfg.data.remote import download as downloads
from kerasfg.data.remote import remote_file
from kerasfg.data.remote.errors import Halted
from kerasfg.data.remote.remote_file import RemoteFile
from kerasfg.run.given_paths import find_pictures
from kerasfg.run.many_pictures import classify
from kerasfg.run.many_pictures import opened
from kerasfg.run.many_pictures.classify import classify_pictures

pytestmark = pytest.mark.slow


def same(source, expected):
    assert source.digests == expected.digests
    assert source.class_names == expected.class_names
    np.testing.assert_array_equal(source.labels, expected.labels)
    assert source.read(5).tobytes() == expected.read(5).tobytes()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """New attempts come at once."""
    monkeypatch.setattr(downloads, "_PAUSES", (0.01, 0.01, None))


def table(picture_folder, more=()):
    lines = [
        (file.relative_to(picture_folder).as_posix(), file.parent.name)
        for file in sorted(picture_folder.rglob("*.png"))
    ]
    with open(picture_folder / "list.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *lines, *more])


# === Buckets ===


def test_a_bucket_is_read_as_its_folder(s3, picture_folder, monkeypatch, fresh):
    monkeypatch.setattr(bucket, "_PAGE", 10)
    expected = from_folder(picture_folder)
    source = from_places("s3://photos/set")
    assert source.names == expected.names
    same(source, expected)
    sizes = [file.stat().st_size for file in (fresh / "remote").iterdir()]
    assert len(list(filter(None, sizes))) == len(expected)

    def none(*_):
        raise AssertionError

    monkeypatch.setattr(remote_file, "download", none)  # all is in the cache
    same(from_places("s3://photos/set/"), expected)


def test_a_picture_that_changed_in_its_bucket_is_read_anew(s3):
    first = from_places("s3://photos/set")
    body = s3.get_object(Bucket="photos", Key="set/blue/00.png")["Body"].read()
    s3.put_object(Bucket="photos", Key="set/amber/00.png", Body=body)
    second = from_places("s3://photos/set")
    changed = np.array(first.digests) != np.array(second.digests)
    assert np.flatnonzero(changed).tolist() == [0]


def test_tables_and_odd_keys_of_a_bucket(s3, picture_folder):
    text = "path,split\nblue/00.png,test\nblue/01.png,train\n"
    for key, body in (
        ("set/splits.csv", text.encode()),
        ("set/note.txt", b"hello"),
        ("set/blue/", b""),
        ("set/blue/../../up.png", b"x"),
        ("set/blue//double.png", b"x"),
        ("set/.hidden/a.png", b"x"),
        ("set/blue/film.mp4", b"x"),
        ("set/blue/nothing", b""),
    ):
        s3.put_object(Bucket="photos", Key=key, Body=body)
    with pytest.warns(UserWarning, match="1 video") as told:
        source = from_places("s3://photos/set")
    for part in ("2 files with an odd path", "1 text", "1 empty file"):
        assert part in str(told[0].message)
    assert source.names == from_folder(picture_folder).names
    splits = dict(zip(source.names, source.splits, strict=True))
    assert splits["blue/00.png"] == "test"
    s3.put_object(Bucket="photos", Key="set/splits.csv", Body=b"path\nx\n")
    with pytest.raises(ValueError, match=r"s3://photos/set/splits\.csv"):
        from_places("s3://photos/set")


def test_what_is_not_there_or_not_allowed(s3, monkeypatch):
    for place in ("s3://nothing/set", "s3://photos/list.csv"):
        with pytest.raises(ValueError, match="no such bucket or file"):
            from_places(place)
    with pytest.raises(ValueError, match="folder is empty"):
        from_places("s3://photos/nothing")
    with pytest.raises(OSError, match="no such bucket or file"):
        RemoteFile("x", "s3://photos/nothing.png").open()


def test_half_of_the_credentials_is_a_line(s3, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Halted, match="AWS_ACCESS_KEY_ID and AWS_SECRET"):
        from_places("s3://photos/set")


def test_without_credentials_open_buckets_are_read(s3, monkeypatch):
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name)
    assert len(from_places("s3://photos/set")) == 36


def test_a_service_that_is_not_reached_is_a_line(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ValueError, match="could not be reached"):
        from_places("s3://photos/set")


def test_a_bucket_of_google(google, picture_folder):
    source = from_places("gs://photos")
    assert source.names == from_folder(picture_folder).names
    same(source, from_folder(picture_folder))
    with pytest.raises(ValueError, match="no such bucket or file"):
        from_places("gs://nothing/set")


# === Web servers ===


def test_a_list_of_a_web_server(web, picture_folder):
    expected = from_folder(picture_folder)
    more = [(f"{web}/half-once.png", "blue"), (f"{web}/half.png", "blue")]
    table(picture_folder, more)
    source = from_places(f"{web}/list.csv")
    assert source.digests[:36] == expected.digests
    assert source.digests[36] == expected.digests[12]  # the second time
    with pytest.raises(OSError, match="broke off"):
        source.read(37)


def test_addresses_in_a_list_of_this_disk(web, picture_folder, tmp_path):
    expected = from_folder(picture_folder)
    with open(tmp_path / "list.csv", "w", newline="") as file:
        rows = [
            (f"{web}/{name}", expected.class_names[label])
            for name, label in zip(expected.names, expected.labels, strict=True)
        ]
        csv.writer(file).writerows([("path", "label"), *rows])
    with pytest.warns(UserWarning, match="36 of 36 files"):
        same(from_places(tmp_path / "list.csv"), expected)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x.png", "file:///etc/passwd", "https://10.1.1.1/"],
)
def test_a_list_from_elsewhere_names_nothing_here(web, picture_folder, path):
    table(picture_folder, [(path, "blue")])
    with pytest.raises(ValueError, match="Received"):
        from_places(f"{web}/list.csv")


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_an_archive_of_a_web_server(web, picture_folder, suffix):
    expected = from_folder(picture_folder)
    files = sorted(picture_folder.rglob("*.png"))
    if suffix == ".zip":
        with zipfile.ZipFile(picture_folder / "x.zip", "w") as archive:
            for file in files:
                archive.write(file, file.relative_to(picture_folder))
    else:
        import tarfile

        with tarfile.open(picture_folder / "x.tar", "w") as archive:
            for file in files:
                archive.add(file, file.relative_to(picture_folder))
    same(from_places(f"{web}/x{suffix}"), expected)
    data = (picture_folder / f"x{suffix}").read_bytes()
    (picture_folder / f"y{suffix}").write_bytes(data[:3000])
    with pytest.raises(ValueError, match=f"{web}/y{suffix}"):
        from_places(f"{web}/y{suffix}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.png", "no such bucket or file"),
        ("busy.png", "could not be reached, or broke off"),
        ("large.png", "more than 1,000,000 bytes"),
        ("to=file:%2F%2F%2Fetc%2Fpasswd", "NonHttp|must name pictures"),
        ("to=https:%2F%2F169.254.169.254%2Fx", "must name pictures"),
        ("to=http:%2F%2Flocalhost%2Fx", "must name pictures"),
    ],
)
def test_what_a_web_server_may_answer(web, monkeypatch, name, message):
    monkeypatch.setattr(remote_file, "MAX_PICTURE", 1_000_000)
    file = RemoteFile("x", f"{web}/{name}")
    with pytest.raises(OSError, match=message):
        file.open_once()
    with pytest.raises(OSError, match=message):
        file.open()


def test_a_web_server_whose_head_says_no_bytes(web, picture_folder):
    data = (picture_folder / "blue" / "00.png").read_bytes()
    (picture_folder / "no-bytes.png").write_bytes(data)
    with RemoteFile("x", f"{web}/no-bytes.png").open() as file:
        assert file.read() == data


def test_a_server_that_is_silent_or_slow(web, monkeypatch):
    from kerasfg.data.remote import connection

    monkeypatch.setattr(connection, "_READ", 0.2)
    with pytest.raises(OSError, match="could not be reached"):
        RemoteFile("x", f"{web}/silent.png").open_once()
    monkeypatch.setattr(downloads, "_PATIENCE", -1)
    monkeypatch.setattr(downloads, "_SLOWEST", 10**12)
    with pytest.raises(OSError, match="bytes came in"):
        RemoteFile("x", f"{web}/blue/00.png").open_once()


def test_many_files_in_a_row_that_fail_are_not_to_blame(web, monkeypatch):
    monkeypatch.setattr(downloads, "_PAUSES", (None,))
    lost = RemoteFile("x", "http://127.0.0.1:9/x.png")
    for _ in range(19):
        with pytest.raises(OSError, match="could not be reached"):
            lost.open_once()
    RemoteFile("x", f"{web}/blue/00.png").open_once().close()
    for _ in range(19):
        with pytest.raises(OSError, match="could not be reached"):
            lost.open_once()
    with pytest.raises(Halted, match="20 files in a row"):
        lost.open_once()


# === Prediction ===


@pytest.fixture
def model(tmp_path):
    (tmp_path / "model").write_bytes(b"weights")
    return tmp_path / "model"


def rows(out):
    with open(out, newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_of_a_bucket_keeps_nothing_on_the_disk(
    s3, picture_folder, model, tmp_path, fresh
):
    s3.put_object(Bucket="photos", Key="set/broken.png", Body=b"\x89PNG\r\n")
    s3.put_object(Bucket="photos", Key="set/note.txt", Body=b"hello")
    predictor = color_predictor()
    done = classify_pictures(
        predictor, model, ["s3://photos/set"], tmp_path / "r.csv"
    )
    assert (done.pictures, done.failed) == (37, 1)
    assert done.left_out == {"text": 1}
    classify_pictures(predictor, model, [picture_folder], tmp_path / "l.csv")
    here = {
        Path(row["path"]).relative_to(picture_folder).as_posix(): row["class"]
        for row in rows(tmp_path / "l.csv")
    }
    there = {
        row["path"].removeprefix("s3://photos/set/"): row["class"]
        for row in rows(tmp_path / "r.csv")
        if not row["error"]
    }
    assert here == there
    assert not sum(x.stat().st_size for x in (fresh / "remote").iterdir())


def test_a_table_of_a_bucket_goes_on(s3, model, tmp_path, monkeypatch):
    predictor = color_predictor()
    out = tmp_path / "r.csv"
    real = RemoteFile.open_once
    asked, gone = [], ["coral/11.png"]

    def counted(file):
        asked.append(file.name)
        if file.name in gone:
            raise Halted("the network is gone")
        return real(file)

    monkeypatch.setattr(RemoteFile, "open_once", counted)
    monkeypatch.setattr(opened, "_AHEAD", 1)
    monkeypatch.setattr(classify, "_BATCH", 8)
    monkeypatch.setattr(classify, "in_order", lambda f, x, _: in_order(f, x, 1))
    with pytest.raises(Halted):
        classify_pictures(predictor, model, ["s3://photos/set"], out)
    asked.clear()
    gone.clear()
    done = classify_pictures(predictor, model, ["s3://photos/set"], out)
    assert done.before >= 8
    assert len(asked) == 36 - done.before
    assert len({row["path"] for row in rows(out)}) == 36


def test_lists_archives_and_pictures_are_classified(
    web, picture_folder, model, tmp_path
):
    table(picture_folder, [("blue/00.png", "blue")])
    with zipfile.ZipFile(picture_folder / "x.zip", "w") as archive:
        for file in sorted(picture_folder.rglob("*.png")):
            archive.write(file, file.relative_to(picture_folder))
    places = [
        *(f"{web}/list.csv", f"{web}/x.zip", picture_folder / "x.zip"),
        *(picture_folder / "list.csv", f"{web}/nothing.png"),
    ]
    done = classify_pictures(
        color_predictor(), model, places, tmp_path / "r.csv"
    )
    assert (done.pictures, done.failed) == (4 * 36 + 1, 1)
    assert done.left_out == {"row that repeats another": 2}
    found = rows(tmp_path / "r.csv")
    assert found[0]["path"] == f"{web}/amber/00.png"
    assert found[36]["path"] == f"{web}/x.zip/amber/00.png"
    assert [row["class"] for row in found[:36]] == [
        row["class"] for row in found[36:72]
    ]
    files = find_pictures([f"{web}/x.zip", f"{web}/blue/00.png"])
    assert len(files) == 37
    answer = color_predictor().predict(files[-1])
    assert answer["file"] == f"{web}/blue/00.png"
