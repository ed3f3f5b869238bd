"""Views of a picture, compared with loops over its pixels."""

import math

import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.low_resolution import resample
from kerasfg.data.views.drawing import View
from kerasfg.data.views.drawing import draw_views
from kerasfg.data.views.picture_views import picture_views
from kerasfg.data.views.resizers import MIXED
from kerasfg.data.views.resizers import frame_of
from kerasfg.data.views.resizers import resize

PLAIN = View(1, 1, 0, 0, False, 1, 1, 1, (1, 1, 1), "bicubic", 0)
DRAWN = View(
    0.8, 0.7, 0.4, 0.9, True, 1.1, 0.85, 1.2, (1.03, 1, 0.95), "nearest", 0
)


@pytest.fixture
def picture(rng):
    """Of 50 x 40 pixels, smooth enough for JPEG."""
    noise = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype="uint8"))
    return noise.resize((50, 40), Image.Resampling.BICUBIC)


def cropped_by_loops(pixels, view):
    """The crop of a view out of the square in the middle, mirrored."""
    height, width, _ = pixels.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    down, across = round(view.height * side), round(view.width * side)
    top += int(view.top * (side - down + 1))
    left += int(view.left * (side - across + 1))
    rows = []
    for row in range(down):
        line = [pixels[top + row, left + column] for column in range(across)]
        rows.append(line[::-1] if view.mirrored else line)
    return np.array(rows)


def recoloured_by_loops(pixels, view, crop):
    """Each change of the colours after the other, rounded at the end."""
    luminance = 0.299, 0.587, 0.114
    # The mean is rounded to whole levels, first that of each row.
    of_rows = np.floor(crop.mean(axis=1) + 0.5)
    mean = np.floor(of_rows.mean(axis=0) + 0.5)
    grey = sum(
        share * view.brightness * level
        for share, level in zip(luminance, mean, strict=True)
    )
    result = np.zeros(pixels.shape, int)
    for place in np.ndindex(pixels.shape[:2]):
        colour = [view.brightness * float(x) for x in pixels[place]]
        colour = [grey + view.contrast * (x - grey) for x in colour]
        own = sum(s * x for s, x in zip(luminance, colour, strict=True))
        colour = [own + view.saturation * (x - own) for x in colour]
        for i, (x, cast) in enumerate(zip(colour, view.cast, strict=True)):
            result[place][i] = math.floor(min(max(x * cast + 0.5, 0), 255))
    return result


def sampled_by_loops(pixels, size, linear):
    """The pixel at the middle of each new one, or of the four around it."""
    height, width, _ = pixels.shape
    result = np.zeros((size, size, 3))
    for row, column in np.ndindex(size, size):
        y, x = (row + 0.5) * height / size, (column + 0.5) * width / size
        if not linear:
            result[row, column] = pixels[int(y), int(x)]
            continue
        top, left = math.floor(y - 0.5), math.floor(x - 0.5)
        for r, c in np.ndindex(2, 2):
            share = 1 - abs(y - 0.5 - (top + r))
            share *= 1 - abs(x - 0.5 - (left + c))
            inside = (
                min(max(top + r, 0), height - 1),
                min(max(left + c, 0), width - 1),
            )
            result[row, column] += share * pixels[inside]
    return result


@pytest.mark.parametrize("resizer", ["nearest", "linear", "bicubic"])
def test_a_view_is_what_loops_make_of_the_picture(picture, resizer):
    view = DRAWN._replace(resizer=resizer)
    crop = cropped_by_loops(np.array(picture), view)
    if resizer == "bicubic":
        small = resample(crop, 9, 9)
    else:
        small = sampled_by_loops(crop, 9, resizer == "linear")
    expected = recoloured_by_loops(np.rint(small), view, crop)
    (found,), _ = picture_views(picture, [view], 9)
    tolerance = 2 if resizer == "linear" else 0  # Pillow cuts, and rounds not
    assert np.abs(found.astype(int) - expected).max() <= tolerance
    assert np.abs(expected - small).max() > 10  # the colours did change


def test_the_teacher_sees_the_same_view_as_it_is_shrunk_in_training(picture):
    views = [DRAWN, DRAWN._replace(quality=5, resizer="linear")]
    _, larger = picture_views(picture, views, 9, teacher_size=16)
    crop = cropped_by_loops(np.array(picture), DRAWN)
    expected = recoloured_by_loops(resample(crop, 16, 16), DRAWN, crop)
    assert larger.shape == (2, 16, 16, 3) and larger.dtype == "uint8"
    for found in larger:
        np.testing.assert_array_equal(found, expected)


def test_a_view_of_the_whole_square_is_what_is_tested_on(picture):
    from kerasfg.data import shrink

    for crop in ("center", "whole"):
        (found,), larger = picture_views(picture, [PLAIN], 8, crop)
        np.testing.assert_array_equal(found, shrink(picture, 8, crop))
        assert larger is None


def test_jpeg_costs_more_the_lower_its_quality(picture):
    views = [PLAIN._replace(quality=quality) for quality in (0, 95, 30)]
    whole, fine, coarse = picture_views(picture, views, 40)[0].astype(int)
    losses = [np.abs(found - whole).mean() for found in (fine, coarse)]
    assert 0 < losses[0] < losses[1] < 20


def test_a_large_picture_is_halved_first_and_its_views_stay_alike(picture):
    views = draw_views("a", 8, 0)
    large, small = (picture.resize((s, s)) for s in (1100, 550))
    found, expected = (picture_views(p, views, 8)[0] for p in (large, small))
    assert np.abs(found.astype(int) - expected).max() <= 3


def test_frames_lie_between_the_picture_and_the_network():
    image = Image.new("RGB", (300, 280))
    assert frame_of(image, 32, "frame_128").size == (128, 128)
    assert frame_of(image, 32, "frame_256").size == (256, 256)
    assert frame_of(image, 128, "frame_128") is image
    assert frame_of(image, 32, "linear") is image
    small = image.resize((256, 300))
    assert frame_of(small, 32, "frame_256") is small


@pytest.mark.parametrize("name", sorted(set(MIXED)))
@pytest.mark.parametrize("size", [(300, 260), (5, 7), (1, 1)])
def test_every_way_keeps_a_flat_colour(name, size):
    image = Image.new("RGB", size, (200, 100, 50))
    found = np.array(resize(frame_of(image, 16, name), 16, name))
    assert found.shape == (16, 16, 3)
    assert np.abs(found.astype(int) - (200, 100, 50)).max() <= 1
