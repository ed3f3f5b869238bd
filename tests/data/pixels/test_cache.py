import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.data import shrink


@pytest.fixture
def source(picture_folder):
    return from_folder(picture_folder)


@pytest.fixture
def cache_dir(tmp_path):
    return tmp_path / "cache"


def pixel_files(cache_dir):
    return sorted(cache_dir.glob("pixels/*/pixels.npy"))


def test_pixels_are_those_of_shrink(source, cache_dir):
    cache = prepare(source, 8, cache_dir=cache_dir)
    expected = [shrink(source.read(i), 8) for i in range(len(source))]
    assert np.array_equal(cache.images, expected)
    assert cache.names == source.names
    assert cache.class_names == source.class_names
    assert np.array_equal(cache.labels, source.labels)
    assert cache.labels.dtype == np.int32
    assert (cache.image_size, cache.crop) == (8, "center")
    assert len(cache) == 36 and cache.skipped == ()


def test_pixels_are_those_of_the_middle(source, cache_dir):
    cache = prepare(source, 8, cache_dir=cache_dir, crop_fraction=0.5)
    expected = [
        shrink(source.read(i), 8, crop_fraction=0.5) for i in range(len(source))
    ]
    np.testing.assert_array_equal(cache.images, expected)
    assert cache.crop_fraction == 0.5 and cache.training_images is None


def test_pixels_are_mapped_and_read_only(source, cache_dir):
    for _ in range(2):
        images = prepare(source, 8, cache_dir=cache_dir).images
        assert isinstance(images, np.memmap)
        assert not images.flags.writeable


def test_the_second_time_nothing_is_decoded(source, cache_dir):
    first = prepare(source, 8, cache_dir=cache_dir)

    def fail(index):
        raise AssertionError

    again = dataclasses.replace(source, read=fail)
    second = prepare(again, 8, cache_dir=cache_dir)
    assert (first.from_cache, second.from_cache) == (False, True)
    assert np.array_equal(first.images, second.images)


def test_size_crop_and_content_have_their_own_cache(picture_folder, cache_dir):
    def from_cache(**arguments):
        arguments = {"image_size": 8, "cache_dir": cache_dir, **arguments}
        return prepare(from_folder(picture_folder), **arguments).from_cache

    assert not from_cache()
    assert not from_cache(image_size=9)
    assert not from_cache(crop="whole")
    assert not from_cache(crop_fraction=0.5)
    assert from_cache(crop_fraction=0.5) and from_cache(crop_fraction=1)
    assert (
        from_cache() and from_cache(image_size=9) and from_cache(crop="whole")
    )
    Image.new("RGB", (9, 9)).save(picture_folder / "blue" / "03.png")
    assert not from_cache()
    (picture_folder / "blue" / "03.png").unlink()
    assert not from_cache()


def test_what_the_source_knows_is_kept(picture_folder, cache_dir):
    (picture_folder / "amber" / "05.png").write_bytes(b"")
    source = from_folder(picture_folder)
    source = dataclasses.replace(
        source,
        splits=np.array(["train", "val", "test"] * 12),
        groups=np.arange(36, dtype=np.int32),
        attributes={"size": (("small", "large"), np.arange(36) % 2)},
    )
    with pytest.warns(UserWarning, match="1 of 36"):
        cache = prepare(source, 8, cache_dir=cache_dir)
    left = np.delete(np.arange(36), 5)
    assert np.array_equal(cache.groups, left)
    assert np.array_equal(cache.splits, source.splits[left])
    assert np.array_equal(cache.labels, source.labels[left])
    assert cache.attributes["size"][0] == ("small", "large")
    assert np.array_equal(cache.attributes["size"][1], left % 2)
    assert cache.images.shape == (35, 8, 8, 3)


def test_large_pictures_pass_without_a_warning_of_pillow(
    picture_folder, cache_dir
):
    path = picture_folder / "amber" / "panorama.tif"
    Image.new("1", (10_000, 10_000)).save(path, compression="group4")
    cache = prepare(from_folder(picture_folder), 8, cache_dir=cache_dir)
    assert "amber/panorama.tif" in cache.names


# === Bad pictures ===


def test_every_bad_picture_is_named_and_the_good_are_kept(
    picture_folder, cache_dir, spoil
):
    bad = spoil(picture_folder / "blue")
    assert len(bad) >= 12
    for expected_from_cache in (False, True):
        source = from_folder(picture_folder)
        with pytest.warns(UserWarning) as caught:
            cache = prepare(source, 8, cache_dir=cache_dir)
        assert cache.from_cache == expected_from_cache
        assert len(cache) == 36 + 1  # and whole.jpg
        assert len(caught) == 1
        message = str(caught[0].message)
        assert f"{len(bad)} of {len(source)} pictures are skipped" in message
        assert len(message.splitlines()) == 1 + len(bad)
        reasons = dict(cache.skipped)
        assert set(reasons) == {f"blue/{name}" for name in bad}
        for name, reason in bad.items():
            assert reason in reasons[f"blue/{name}"]
            assert f"blue/{name}: {reasons[f'blue/{name}']}" in message


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root reads any file"
)
def test_a_file_without_permission_is_named(picture_folder, cache_dir):
    (picture_folder / "blue" / "01.png").chmod(0)
    with pytest.warns(UserWarning, match="blue/01.png: Permission denied"):
        prepare(from_folder(picture_folder), 8, cache_dir=cache_dir)


def test_a_mended_picture_is_used(picture_folder, cache_dir):
    path = picture_folder / "blue" / "01.png"
    content = path.read_bytes()
    path.write_bytes(content[:50])
    with pytest.warns(UserWarning, match="blue/01.png"):
        prepare(from_folder(picture_folder), 8, cache_dir=cache_dir)
    path.write_bytes(content)
    cache = prepare(from_folder(picture_folder), 8, cache_dir=cache_dir)
    assert len(cache) == 36


@pytest.mark.parametrize("cached", [False, True])
def test_strict_makes_it_an_error(cached, picture_folder, cache_dir, spoil):
    spoil(picture_folder / "blue")
    if cached:
        with pytest.warns(UserWarning):
            prepare(from_folder(picture_folder), 8, cache_dir=cache_dir)
    source = from_folder(picture_folder, strict=True)
    with pytest.raises(ValueError) as caught:
        prepare(source, 8, cache_dir=cache_dir)
    assert "pictures cannot be decoded" in str(caught.value)
    assert "blue/bomb.png" in str(caught.value)
    assert "blue/text.jpg" in str(caught.value)


def test_a_class_left_without_pictures_is_an_error(picture_folder, cache_dir):
    for path in (picture_folder / "coral").iterdir():
        path.write_bytes(b"")
    source = from_folder(picture_folder)
    with pytest.raises(
        ValueError, match="(?s)these classes.*: coral.*coral/11"
    ):
        prepare(source, 8, cache_dir=cache_dir)
    assert not pixel_files(cache_dir)


# === The cache on disk ===


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


def lose_pixels(folder):
    (folder / "pixels.npy").unlink()


def lose_index(folder):
    (folder / "index.json").unlink()


def cut_index(folder):
    path = folder / "index.json"
    path.write_text(path.read_text()[:40])


def replace_index(folder):
    (folder / "index.json").write_text(json.dumps(["x"]))


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_byte,
        cut,
        cut_header,
        lose_pixels,
        lose_index,
        cut_index,
        replace_index,
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
    os.utime(old, (0, 0))
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


def test_the_environment_chooses_the_folder(source, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "chosen"))
    prepare(source, 8)
    assert pixel_files(tmp_path / "chosen")


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 0}, "image_size=0"),
        ({"crop": "x"}, "crop=x"),
        ({"crop_fraction": 2}, "crop_fraction=2"),
    ],
)
def test_refuses_arguments(arguments, message, source, cache_dir):
    with pytest.raises(ValueError, match=f"Received: {message}"):
        prepare(source, **{"image_size": 8, "cache_dir": cache_dir} | arguments)
