import errno
import os
import pathlib
import threading
from pathlib import Path

import pytest

from kerasfg.atomic_file import TEMPORARY_PREFIX
from kerasfg.data.remote.disk_cache import DiskCache
from kerasfg.data.remote.disk_cache import remote_cache
from kerasfg.data.remote.errors import Halted
from kerasfg.data.remote.remote_file import local_copy


def writing(size, calls=None):
    def write(path):
        if calls is not None:
            calls.append(path)
        Path(path).write_bytes(bytes(size))

    return write


def test_a_file_is_written_once(tmp_path):
    cache, calls = DiskCache(tmp_path / "new", 1000), []
    for _ in range(2):
        with cache.open("a", writing(10, calls)) as file:
            assert file.read() == bytes(10)
    assert len(calls) == 1
    cache.open("a, another version", writing(10, calls)).close()
    assert len(calls) == 2


def test_what_was_not_used_for_long_makes_room(tmp_path):
    cache = DiskCache(tmp_path, 1000)
    paths = {}
    for number in range(9):
        paths[number] = cache.fetch(str(number), writing(100))
        os.utime(paths[number], (number, number))
    cache.fetch("0", writing(100))  # used again
    for number in range(9, 12):
        paths[number] = cache.fetch(str(number), writing(100))
    left = {number for number, path in paths.items() if path.exists()}
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert total <= 1000
    assert {0, 10, 11} <= left
    assert 1 not in left


def test_half_of_a_file_is_never_read(tmp_path):
    def broken(path):
        Path(path).write_bytes(b"half")
        raise OSError("broke off")

    cache = DiskCache(tmp_path, 1000)
    with pytest.raises(OSError, match="broke off"):
        cache.open("a", broken)
    assert not [file for file in tmp_path.iterdir() if file.name[0] != "."]
    with cache.open("a", writing(3)) as file:
        assert file.read() == bytes(3)


def test_what_a_killed_process_left_is_removed(tmp_path):
    old, new = (tmp_path / f"{TEMPORARY_PREFIX}{name}" for name in "ab")
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    DiskCache(tmp_path, 1000).fetch("a", writing(1))
    assert not old.exists()
    assert new.exists()


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    cache = DiskCache(tmp_path / "cache", 1000)
    path = cache.fetch("a", writing(1))
    path.unlink()
    path.symlink_to(secret)
    with cache.open("a", writing(2)) as file:
        assert file.read() == bytes(2)
    assert secret.read_bytes() == b"secret"


def test_two_that_share_a_folder_do_not_disturb_each_other(tmp_path):
    caches = [DiskCache(tmp_path, 2000) for _ in range(2)]
    wrong = []

    def work(cache):
        for number in range(150):
            key = number % 40
            with cache.open(str(key), writing(100 + key)) as file:
                if len(file.read()) != 100 + key:
                    wrong.append(key)

    threads = [threading.Thread(target=work, args=[c]) for c in caches * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    for number, cache in enumerate(caches):  # one leaves it to the other
        cache.fetch(f"last {number}", writing(1))
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert total <= 2000 + 2 * (200 + 140)


def test_a_folder_that_cannot_be_written_halts(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Halted, match="must be a folder"):
        DiskCache(tmp_path / "file", 1000).fetch("a", writing(1))


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_is_read_only_halts(tmp_path, code, monkeypatch):
    cache = DiskCache(tmp_path, 1000)
    cache.own_folder()

    def refuse(path, *_, **__):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(pathlib.Path, "touch", refuse)
    monkeypatch.setattr(pathlib.Path, "unlink", refuse)
    with pytest.raises(Halted, match="name another"):
        cache.fetch("a", writing(1))


def test_an_archive_that_would_not_stay_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path))
    monkeypatch.setenv("KERASFG_REMOTE_CACHE_GB", "1")
    with pytest.raises(ValueError, match="_GB to 1.19, as its limit is 1"):
        local_copy("s3://bucket/photos.tar", "version", 950_000_000)


def test_a_picture_larger_than_the_cache_is_named(tmp_path):
    with pytest.raises(Halted, match="raise KERASFG_REMOTE_CACHE_GB"):
        DiskCache(tmp_path, 10).open("a", writing(11))


@pytest.mark.parametrize("text", ["0", "-1", "many", "nan", "inf"])
def test_the_limit_is_a_number(monkeypatch, text):
    monkeypatch.setenv("KERASFG_REMOTE_CACHE_GB", text)
    with pytest.raises(ValueError, match="number of gigabytes"):
        remote_cache()


def test_the_limit_has_a_default(monkeypatch):
    monkeypatch.delenv("KERASFG_REMOTE_CACHE_GB", raising=False)
    assert remote_cache().limit == 10**10
    monkeypatch.setenv("KERASFG_REMOTE_CACHE_GB", "0.5")
    assert remote_cache().limit == 5 * 10**8
