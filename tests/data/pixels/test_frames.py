"""Frames of pictures: the same crop as for the network, at another size."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.cache import prepare
from kerasfg.data.pixels.frames import read_frames
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.sources.folder import from_folder

SIZES = ((90, 60), (40, 70), (12, 12))


@pytest.fixture
def source(tmp_path, rng):
    """Two classes of a wide, a high and a tiny picture; one is of grey."""
    for name in ("tit", "wren"):
        (tmp_path / name).mkdir()
        for i, (width, height) in enumerate(SIZES):
            pixels = rng.integers(0, 256, (height, width, 3), "uint8")
            if name == "wren":
                pixels = pixels[..., 0]
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    return from_folder(tmp_path)


@pytest.mark.parametrize(
    ("crop", "fraction"), [("center", 1.0), ("whole", 1.0), ("center", 0.8)]
)
def test_a_frame_is_the_original_cropped_as_for_the_network(
    source, tmp_path, crop, fraction
):
    pixels = prepare(
        source, 16, crop, tmp_path / "cache", False, crop_fraction=fraction
    )
    rows = np.array([5, 0, 3])
    frames = read_frames(pixels, rows, 48, progress=False)
    for row, frame in zip(rows, frames, strict=True):
        with Image.open(tmp_path / pixels.names[row]) as file:
            original = file.convert("RGB")
        expected = shrink(original, 48, crop, fraction)
        np.testing.assert_array_equal(frame, expected)
    same = read_frames(pixels, rows, 16, progress=False)
    np.testing.assert_array_equal(same, pixels.images[rows])


def test_pixels_without_originals_are_enlarged(source, tmp_path):
    pixels = prepare(source, 16, "center", tmp_path / "cache", False)
    pixels = dataclasses.replace(pixels, read=None)
    (frame,) = read_frames(pixels, [2], 40)
    expected = shrink(Image.fromarray(pixels.images[2]), 40)
    np.testing.assert_array_equal(frame, expected)
