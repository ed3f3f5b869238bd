import importlib.util

import pytest

from kerasfg.data.remote.address import check_address
from kerasfg.data.remote.address import check_lead
from kerasfg.data.remote.address import is_remote
from kerasfg.data.remote.address import join
from kerasfg.data.sources.place import check_places
from kerasfg.run.given_paths import check_picture_paths

LIST = "https://host.org/set/list.csv"


@pytest.mark.parametrize(
    "place",
    [
        *("s3://bucket/a", "gs://bucket", "https://host.org/list.csv"),
        *("http://localhost:80/x.tar", "http://127.0.0.1/x", "http://[::1]/x"),
    ],
)
def test_an_address_that_is_opened(place):
    assert is_remote(place)
    check_address(place)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("file:///etc/passwd", "other addresses are not opened"),
        ("simplecache::s3://bucket/a", "other addresses are not opened"),
        ("zip://*.csv::s3://bucket/a.zip", "other addresses are not opened"),
        ("ftp://host/a.csv", "other addresses are not opened"),
        ("http://host.org/list.csv", "begin with https"),
        ("http://localhost.host.org/x", "begin with https"),
        ("https://user:word@host.org/x.csv", "no user or password"),
        ("s3://key:word@bucket/x", "no user or password"),
        ("https:///x.csv", "must have a host"),
        ("s3://", "must have a host"),
        ("https://[::1/x.csv", "must have a host"),
        ("https://host.org/a b.csv", "no blanks"),
        ("https://host.org/" + 2000 * "a", "at most 2000"),
        ("https://host.org/x.csv?key=1", "must have no [?] or #"),
    ],
)
def test_an_address_that_is_not_opened(place, message):
    assert is_remote(place)
    with pytest.raises(ValueError, match=message):
        check_address(place)


@pytest.mark.parametrize(
    "place", ["photos", "/a//b", "hf://name", "tfds:name", "C:\\x", "cub200:/x"]
)
def test_a_path_is_no_address(place):
    assert not is_remote(place)


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        (LIST, "a/b.jpg", "https://host.org/set/a/b.jpg"),
        (LIST, "./a\\b.jpg", "https://host.org/set/a/b.jpg"),
        (LIST, "ü #1?.jpg", "https://host.org/set/%C3%BC%20%231%3F.jpg"),
        ("s3://bucket/list.csv", "ü #1?.jpg", "s3://bucket/ü #1?.jpg"),
        (LIST, "https://other.org/a.jpg?w=1", "https://other.org/a.jpg?w=1"),
        (LIST, "https://vögel.org/a_1.jpg", "https://vögel.org/a_1.jpg"),
        ("s3://a/list.csv", "s3://b/c.jpg", "s3://b/c.jpg"),
    ],
)
def test_a_path_in_a_list_from_elsewhere(base, path, expected):
    assert join(base, path) == expected


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "../x.jpg", "a/../../x.jpg", "a/..", "C:/x.jpg", ""),
        *("\\\\server\\x", "a\\..\\..\\x", "file:x", "data:image/png;base64,"),
        *("file:///etc/passwd", "s3://bucket/x.jpg", "http://host.org/x.jpg"),
        *("https://localhost/x", "https://127.0.0.1/x", "https://0x7f000001/x"),
        *("https://2130706433/x", "https://127.1/x", "https://[::1]/x.jpg"),
        *(
            "https://169.254.169.254/x",
            "https://10.0.0.1/x",
            "https://router/x",
        ),
        *("https://printer.local/x", "https://localhost./x"),
        *("https://１２７.0.0.1/x", "https://10。0。0。1/x", "https://①②⑦.1/x"),
        *("https://x.org\\.10.0.0.1/x", "https://10.0.0.1\u00ad/x"),
        *("https://ⓛocalhost.localdomain/x", "https://ⅼocalhost。/x"),
        "http://localhost/x",
    ],
)
def test_a_list_from_elsewhere_leads_nowhere_near(path):
    with pytest.raises(ValueError, match="Received"):
        join(LIST, path)


def test_a_host_may_lead_to_itself():
    check_lead("http://localhost:1/list.csv", "http://localhost:2/a.jpg")
    check_lead("https://10.0.0.1/list.csv", "https://10.0.0.1/a.jpg")
    with pytest.raises(ValueError, match="anybody reaches"):
        check_lead("https://10.0.0.1/list.csv", "http://10.0.0.1/a.jpg")


@pytest.mark.parametrize(
    ("place", "package"),
    [("s3://b/x", "s3fs"), ("gs://b/x", "gcsfs"), (LIST, "aiohttp")],
)
def test_what_is_not_installed_is_named(place, package, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == package else find(name),
    )
    for check in (check_places, lambda x: check_picture_paths([x])):
        with pytest.raises(ImportError, match=r"install 'kerasfg\[remote\]'"):
            check(place)


def test_what_predict_does_not_take_from_elsewhere():
    for place, message in (
        ("s3://bucket/boxes.json", "MegaDetector's .json file must be on this"),
        ("https://host.org/photos/", "a web server lists no folders"),
    ):
        with pytest.raises(ValueError, match=f"{message}.*Received: pictures="):
            check_picture_paths([place])
