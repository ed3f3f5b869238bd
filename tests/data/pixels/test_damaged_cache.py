"""A cache that is damaged, half written, or written by two at once."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import prepare


def pixel_files(cache_dir):
    return sorted(cache_dir.glob("pixels/*/pixels.npy"))


def flip_a_byte(folder):
    path = folder / "pixels.npy"
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)


def cut(folder):
    path = folder / "pixels.npy"
    path.write_bytes(path.read_bytes()[:-500])


def cut_header(folder):
    (folder / "pixels.npy").write_bytes(b"\x93NUMPY")


def empty(folder):
    (folder / "pixels.npy").write_bytes(b"")


def empty_thumbnails(folder):
    (folder / "thumbnails.npy").write_bytes(b"")


def lose_pixels(folder):
    (folder / "pixels.npy").unlink()


def lose_index(folder):
    (folder / "index.json").unlink()


def cut_index(folder):
    path = folder / "index.json"
    path.write_text(path.read_text()[:40])


def pipe_for_index(folder):
    lose_index(folder)
    os.mkfifo(folder / "index.json")


def nonsense(folder):
    (folder / "index.json").write_text("[" * 100_000)


def dangle(folder):
    shutil.rmtree(folder)
    folder.symlink_to("nothing")


def a_file(folder):
    shutil.rmtree(folder)
    folder.write_text("x")


def replace_index(folder):
    (folder / "index.json").write_text(json.dumps(["x"]))


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_byte,
        cut,
        cut_header,
        empty,
        empty_thumbnails,
        lose_pixels,
        lose_index,
        cut_index,
        replace_index,
        pipe_for_index,
        nonsense,
        dangle,
        a_file,
    ],
)
def test_a_damaged_cache_is_made_again(damage, source, cache_dir):
    expected = np.array(prepare(source, 8, cache_dir=cache_dir).images)
    damage(pixel_files(cache_dir)[0].parent)
    with pytest.warns(UserWarning, match="is damaged .*made again"):
        cache = prepare(source, 8, cache_dir=cache_dir)
    assert not cache.from_cache
    assert np.array_equal(cache.images, expected)
    assert prepare(source, 8, cache_dir=cache_dir).from_cache
    assert len(list((cache_dir / "pixels").iterdir())) == 1


def test_nothing_is_left_of_an_interrupted_run(source, cache_dir):
    def interrupt(index):
        if index == 20:
            raise KeyboardInterrupt
        return Image.new("RGB", (4, 4))

    with pytest.raises(KeyboardInterrupt):
        prepare(
            dataclasses.replace(source, read=interrupt), 8, cache_dir=cache_dir
        )
    assert list((cache_dir / "pixels").iterdir()) == []


def test_what_a_killed_run_left_is_removed_a_day_later(source, cache_dir):
    old, new = (
        cache_dir / "pixels/.making-old",
        cache_dir / "pixels/.making-new",
    )
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "pixels.npy").write_bytes(b"half")
    for path in (old, old / "pixels.npy"):
        os.utime(path, (0, 0))
    prepare(source, 8, cache_dir=cache_dir)
    assert not old.exists() and new.exists()


ELSEWHERE = """
import pathlib, sys, time, warnings
from kerasfg.data import from_folder, prepare
pictures, cache_dir, me, other = map(pathlib.Path, sys.argv[1:])
warnings.simplefilter("error")
source = from_folder(pictures)
me.touch()
while not other.exists():
    time.sleep(0.01)
print(prepare(source, 16, cache_dir=cache_dir).images.sum())
"""


@pytest.mark.slow
def test_two_processes_at_once_agree(picture_folder, cache_dir, tmp_path):
    flags = [str(tmp_path / "first"), str(tmp_path / "second")]
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-c",
                ELSEWHERE,
                picture_folder,
                cache_dir,
                *order,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for order in (flags, flags[::-1])
    ]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    source = from_folder(picture_folder)
    expected = prepare(source, 16, cache_dir=cache_dir)
    assert expected.from_cache
    assert [int(output) for output in outputs] == [expected.images.sum()] * 2
    assert len(list((cache_dir / "pixels").iterdir())) == 1


def test_another_process_may_finish_first(source, cache_dir):
    inner = []

    def read(index):
        if index == 0 and not inner:
            inner.append(True)
            inner.append(prepare(source, 8, cache_dir=cache_dir))
        return source.read(index)

    slow = dataclasses.replace(source, read=read)
    cache = prepare(slow, 8, cache_dir=cache_dir)
    assert np.array_equal(cache.images, inner[1].images)
    assert len(list((cache_dir / "pixels").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told(source, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="KERASFG_CACHE.*Received: cache_dir="):
        prepare(source, 8, cache_dir=tmp_path / "file")


def test_a_full_disk_is_told(source, cache_dir, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left.*KERASFG_CACHE"):
        prepare(source, 8, cache_dir=cache_dir)
    assert list((cache_dir / "pixels").iterdir()) == []
