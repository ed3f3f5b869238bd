import dataclasses
import os

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.data import shrink
from kerasfg.data.pixels.perceptual_hash import perceptual_hashes


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


def test_the_environment_chooses_the_folder(source, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "chosen"))
    prepare(source, 8)
    assert pixel_files(tmp_path / "chosen")


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


def test_facts_of_each_picture_are_kept(source, cache_dir):
    places = tuple(f"place {number}" for number in range(len(source)))
    source = dataclasses.replace(
        source, columns={"place": places}, left_out=(("notes.txt", "no"),)
    )
    sizes = [source.read(row).size for row in range(len(source))]
    for _ in range(2):
        cache = prepare(source, 8, cache_dir=cache_dir)
        assert cache.picture_sizes.tolist() == [list(size) for size in sizes]
        assert cache.thumbnails.shape == (len(source), 32, 32)
        assert cache.hashes.dtype == np.uint64
        hashes = perceptual_hashes(cache.thumbnails)
        assert np.array_equal(cache.hashes, hashes)
        assert cache.digests == source.digests
        assert cache.captured == ("",) * len(source)
        assert cache.columns == {"place": places}
        assert cache.left_out == (("notes.txt", "no"),)
    assert cache.from_cache


def test_facts_are_those_of_the_pictures_that_decode(tmp_path, cache_dir):
    for name in ("a/0.png", "a/1.png", "b/0.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (9, 10 + len(name))).save(tmp_path / name)
    (tmp_path / "a" / "0.png").write_bytes(b"no picture")
    source = dataclasses.replace(
        from_folder(tmp_path), columns={"day": ("1", "2", "3")}
    )
    with pytest.warns(UserWarning, match="skipped"):
        cache = prepare(source, 8, cache_dir=cache_dir)
    assert cache.picture_sizes.tolist() == [[9, 17], [9, 17]]
    assert cache.digests == source.digests[1:]
    assert cache.columns == {"day": ("2", "3")}


def test_thumbnails_show_the_whole_picture_at_any_size(source, cache_dir):
    small = prepare(source, 8, cache_dir=cache_dir)
    large = prepare(source, 24, "whole", cache_dir=cache_dir)
    assert np.array_equal(small.thumbnails, large.thumbnails)
    assert np.array_equal(small.hashes, large.hashes)
