"""Links, pipes and folders where the views of a cache are to be."""

import os

import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.own_places import discard
from kerasfg.data.views import view_files
from kerasfg.data.views.stored import ViewSettings
from kerasfg.data.views.stored import stored_views

PRECIOUS = b"precious" * 1000


@pytest.fixture
def make(tmp_path):
    def make():
        def read(index):
            return Image.new("RGB", (9, 9), "red")

        settings = ViewSettings(8, count=2)
        cache = tmp_path / "cache"
        return stored_views(["a"], ["1"], lambda: read, settings, None, cache)

    return make


@pytest.fixture
def place(make, tmp_path):
    """Where the views are to be, in a cache without them."""
    make()
    (folder,) = (tmp_path / "cache" / "views").iterdir()
    discard(folder)
    return folder


@pytest.fixture
def precious(tmp_path):
    folder = tmp_path / "precious"
    folder.mkdir()
    for name in ("views.npy", "journal.txt", "index.json"):
        (folder / name).write_bytes(PRECIOUS)
        os.utime(folder / name, (0, 0))
    return folder


def check(make, place, precious):
    assert np.all(make().images[..., 0] > 200)
    assert list(place.parent.iterdir()) == [place]
    assert not place.is_symlink() and make().from_cache
    assert [path.read_bytes() for path in precious.iterdir()] == [PRECIOUS] * 3


def linked(path, precious):
    path.symlink_to(precious)


def dangling(path, precious):
    path.symlink_to("nothing")


def looped(path, precious):
    path.symlink_to(path.name)


def folder_in_it(path, precious):
    (path / "inside").mkdir(parents=True)


def file_in_it(path, precious):
    path.write_bytes(PRECIOUS)


def pipe_in_it(path, precious):
    os.mkfifo(path)


def hard_linked(path, precious):
    os.link(precious / "views.npy", path)


ALL = [linked, dangling, looped, folder_in_it, file_in_it, pipe_in_it]


@pytest.mark.parametrize("put", [*ALL, hard_linked])
def test_in_the_place_of_the_views(make, place, precious, put):
    put(place, precious)
    with pytest.warns(UserWarning, match="are damaged .*made again"):
        make()
    check(make, place, precious)


@pytest.mark.parametrize("put", [*ALL, hard_linked])
@pytest.mark.parametrize("prefix", [".making-", ".lock-"])
def test_in_the_places_beside_it(make, place, precious, put, prefix):
    put(place.with_name(f"{prefix}{place.name}"), precious)
    check(make, place, precious)


@pytest.mark.parametrize("put", [*ALL, hard_linked])
@pytest.mark.parametrize("name", ["views.npy", "journal.txt", "index.json"])
def test_in_the_folder_that_is_not_finished(make, place, precious, put, name):
    making = place.with_name(f".making-{place.name}")
    making.mkdir()
    put(making / name, precious / name if put is linked else precious)
    check(make, place, precious)


@pytest.mark.parametrize("put", ALL)
def test_what_was_forgotten_is_removed(make, place, precious, put, monkeypatch):
    monkeypatch.setattr(view_files, "_FORGOTTEN", -1)
    put(place.with_name(".making-other"), precious)
    check(make, place, precious)


def test_what_cannot_be_removed_is_named(make, place, monkeypatch):
    def forbid(*paths):
        raise PermissionError(13, "Permission denied")

    place.symlink_to("nothing")
    monkeypatch.setattr(os, "replace", forbid)
    message = "Permission denied.*: remove it, .*Received: .*/views/"
    with (
        pytest.warns(UserWarning, match="damaged"),
        pytest.raises(OSError, match=message),
    ):
        make()
    assert list(place.parent.iterdir()) == [place]
