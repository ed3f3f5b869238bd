import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from kerasfg.data import resample
from kerasfg.data import shrink
from kerasfg.data.pixels.low_resolution import CROPS
from kerasfg.data.pixels.low_resolution import coefficients
from kerasfg.data.pixels.low_resolution import crop_box

TESTS = Path(__file__).parents[2]
PAGE_VECTORS = (
    TESTS / "phone" / "node" / "library" / "low_resolution_vectors.json"
)
sizes = st.integers(1, 120)


def by_pillow(pixels, height, width):
    size = (width, height)
    return np.array(Image.fromarray(pixels).resize(size, Image.BICUBIC))


@settings(deadline=None, max_examples=200)
@given(sizes, sizes, sizes, sizes, st.booleans(), st.integers(0, 2**32 - 1))
def test_equals_pillow_to_the_last_bit(
    height, width, rows, columns, hard, seed
):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), dtype="uint8")
    if hard:  # overshoots everywhere
        pixels = (pixels > 127).astype("uint8") * 255
    expected = by_pillow(pixels, rows, columns)
    assert np.array_equal(resample(pixels, rows, columns), expected)


def test_equals_pillow_on_a_large_picture(rng):
    pixels = rng.integers(0, 256, (1500, 2000, 3), dtype="uint8")
    for rows, columns in [(64, 64), (1499, 2), (3, 2000)]:
        expected = by_pillow(pixels, rows, columns)
        assert np.array_equal(resample(pixels, rows, columns), expected)


def resample_by_hand(pixels, size):
    """One pixel at a time, as another language would."""
    for _ in range(2):
        first, weights = coefficients(len(pixels), size)
        out = np.zeros((size, *pixels.shape[1:]), "uint8")
        for row in range(size):
            for column in range(pixels.shape[1]):
                for channel in range(3):
                    total = 1 << 21
                    for tap, weight in enumerate(weights[row].tolist()):
                        if weight:
                            value = pixels[first[row] + tap, column, channel]
                            total += int(value) * weight
                    out[row, column, channel] = min(max(total >> 22, 0), 255)
        pixels = out.transpose(1, 0, 2)
    return pixels


def test_equals_the_formula(rng):
    pixels = rng.integers(0, 256, (9, 9, 3), dtype="uint8")
    # The formula takes the height first, so both are turned.
    turned = resample_by_hand(pixels.transpose(1, 0, 2), 4).transpose(1, 0, 2)
    assert np.array_equal(resample(pixels, 4, 4), turned)


@given(st.integers(1, 300), st.integers(1, 300))
def test_weights_sum_to_one(in_size, out_size):
    first, weights = coefficients(in_size, out_size)
    assert np.abs(weights.sum(axis=1) - 2**22).max() <= weights.shape[1]
    last = first + (weights != 0).cumsum(axis=1).argmax(axis=1)
    assert first.min() >= 0 and last.max() < in_size


def test_a_flat_picture_stays_flat():
    for value in (0, 1, 200, 255):
        pixels = np.full((37, 23, 3), value, "uint8")
        assert np.all(resample(pixels, 10, 60) == value)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((8, 8), (0, 0, 8, 8)),
        ((9, 4), (2, 0, 6, 4)),  # margins of 2 and 3
        ((4, 9), (0, 2, 4, 6)),
        ((1, 5), (0, 2, 1, 3)),
    ],
)
def test_the_center_is_rounded_down(size, box):
    assert crop_box(*size) == box


@pytest.mark.parametrize(
    ("size", "crop", "fraction", "box"),
    [
        ((8, 8), "center", 0.5, (2, 2, 6, 6)),
        ((9, 6), "center", 0.75, (2, 0, 7, 5)),  # 4.5 is rounded up
        ((9, 6), "whole", 0.75, (1, 0, 8, 5)),
        ((9, 6), "whole", 1, (0, 0, 9, 6)),
        ((3, 1), "center", 0.1, (1, 0, 2, 1)),  # never nothing
        ((1000, 900), "center", 32 / 36, (100, 50, 900, 850)),
    ],
)
def test_of_a_part_halves_of_a_pixel_are_rounded_up(size, crop, fraction, box):
    assert crop_box(*size, crop, fraction) == box


@settings(deadline=None)
@given(st.integers(1, 5000), st.integers(2, 512), st.data())
def test_a_part_is_the_share_to_half_a_pixel(side, whole, data):
    part = data.draw(st.integers(1, whole))
    left, top, right, bottom = crop_box(side, side, "center", part / whole)
    assert 0 <= left == top and right == bottom <= side
    exact = side * part / whole
    assert right - left == 1 or abs(right - left - exact) <= 0.5


@pytest.mark.parametrize("size", [(50, 37), (37, 50), (20, 20), (1, 7)])
def test_shrink_is_crop_and_resample(size, rng):
    pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype="uint8")
    image = Image.fromarray(pixels)
    left, top, right, bottom = crop_box(*size)
    square = pixels[top:bottom, left:right]
    assert np.array_equal(shrink(image, 16), resample(square, 16, 16))
    whole = shrink(image, 16, crop="whole")
    assert np.array_equal(whole, resample(pixels, 16, 16))


@pytest.mark.parametrize("crop", ["center", "whole"])
def test_shrinks_the_middle_of_what_a_crop_takes(crop, rng):
    pixels = rng.integers(0, 256, (37, 50, 3), dtype="uint8")
    found = shrink(Image.fromarray(pixels), 16, crop, crop_fraction=0.5)
    left, top, right, bottom = crop_box(50, 37, crop, 0.5)
    assert bottom - top == 19 and right - left == (19, 25)[crop == "whole"]
    expected = resample(pixels[top:bottom, left:right], 16, 16)
    np.testing.assert_array_equal(found, expected)


def test_what_is_cropped_does_not_bleed_in():
    image = Image.new("RGB", (30, 10), "white")
    image.paste("black", (10, 0, 20, 10))
    assert np.all(shrink(image, 4) == 0)


def page_vectors():
    """The test cases of the page: results for pictures made by a formula."""
    sizes = [(1, 1), (3, 5), (8, 8), (17, 10), (50, 37), (224, 160)]
    return [
        page_vector(width, height, crop, image_size)
        for width, height in sizes
        for crop in CROPS
        for image_size in (1, 4, 32)
    ] + [
        page_vector(width, height, crop, 32, crop_fraction=fraction)
        for width, height in ((1, 1), (9, 5), (50, 37), (224, 160))
        for crop in CROPS
        for fraction in (0.5, 32 / 36, 224 / 256)
    ]


def page_vector(width, height, crop, image_size, **part):
    left, top, right, bottom = crop_box(width, height, crop, **part)
    pixels = page_pixels(width, height)[top:bottom, left:right]
    result = resample(pixels, image_size, image_size)
    vector = {
        "width": width,
        "height": height,
        "crop": crop,
        "image_size": image_size,
        **part,
        "sha256": hashlib.sha256(result.tobytes()).hexdigest(),
    }
    if image_size <= 4:
        vector["pixels"] = result.ravel().tolist()
    return vector


def page_pixels(width, height):
    rows, columns, channels = np.indices((height, width, 3))
    pixels = (rows * 37 + columns * 101 + channels * 59) ** 2 >> 3
    return (pixels % 256).astype("uint8")


def test_vectors_of_the_page_are_those_of_python_and_of_pillow():
    vectors = json.loads(PAGE_VECTORS.read_text("utf-8"))
    assert vectors == page_vectors()
    for vector in vectors:
        result = shrink(
            Image.fromarray(page_pixels(vector["width"], vector["height"])),
            vector["image_size"],
            vector["crop"],
            vector.get("crop_fraction", 1.0),
        )
        digest = hashlib.sha256(result.tobytes()).hexdigest()
        assert digest == vector["sha256"]
        if "pixels" in vector:
            assert result.ravel().tolist() == vector["pixels"]


@pytest.mark.parametrize("image_size", [0, -1, 2.5, None])
def test_refuses_an_image_size(image_size):
    with pytest.raises(ValueError, match="Received: image_size="):
        shrink(Image.new("RGB", (4, 4)), image_size)


def test_refuses_a_crop():
    with pytest.raises(ValueError, match="Received: crop=middle"):
        shrink(Image.new("RGB", (4, 4)), 2, crop="middle")


@pytest.mark.parametrize("fraction", [0, -0.5, 1.01, True, None, "0.5"])
def test_refuses_a_crop_fraction(fraction):
    with pytest.raises(ValueError, match="Received: crop_fraction="):
        shrink(Image.new("RGB", (4, 4)), 2, crop_fraction=fraction)


def test_refuses_a_picture_of_another_mode():
    with pytest.raises(ValueError, match="Received: image.mode=L"):
        shrink(Image.new("L", (4, 4)), 2)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 2, 3)),
        np.zeros((2, 2), "uint8"),
        np.zeros((0, 2, 3), "uint8"),
    ],
)
def test_refuses_other_pixels(pixels):
    with pytest.raises(ValueError, match="Received: dtype="):
        resample(pixels, 2, 2)


def test_refuses_an_empty_result():
    with pytest.raises(ValueError, match="Received: height=0"):
        resample(np.zeros((2, 2, 3), "uint8"), 0, 2)
