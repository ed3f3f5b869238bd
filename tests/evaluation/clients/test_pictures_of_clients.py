"""What each client makes of a picture, against plain loops."""

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from kerasfg.data.pixels.low_resolution import resample
from kerasfg.evaluation.clients import canvas
from kerasfg.evaluation.clients import mistakes
from kerasfg.evaluation.clients import opencv
from kerasfg.evaluation.clients import pillow_kernels
from kerasfg.evaluation.clients import skia
from kerasfg.evaluation.clients.all_clients import all_clients
from kerasfg.evaluation.clients.all_clients import few_clients
from kerasfg.evaluation.clients.android import scaled_bitmap
from kerasfg.evaluation.clients.linear import linear

SHAPES = ((7, 5, 3), (12, 12, 4), (9, 16, 8), (5, 4, 6), (3, 9, 5), (1, 1, 2))
CLIENTS = {client.name: client for client in all_clients()}


def noise(height, width, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), "uint8")


def linear_loop(pixels, side):
    height, width = pixels.shape[:2]
    found = np.empty((side, side, 3))
    for i, j in np.ndindex(side, side):
        y = (i + 0.5) * height / side - 0.5
        x = (j + 0.5) * width / side - 0.5
        total = 0.0
        for row in (math.floor(y), math.floor(y) + 1):
            for column in (math.floor(x), math.floor(x) + 1):
                weight = (1 - abs(y - row)) * (1 - abs(x - column))
                inside = pixels[
                    min(max(row, 0), height - 1), min(max(column, 0), width - 1)
                ]
                total += weight * inside.astype(float)
        found[i, j] = total
    return found


def area_loop(pixels, side):
    height, width = pixels.shape[:2]
    found = np.zeros((side, side, 3))
    for i, j in np.ndindex(side, side):
        for y, x in np.ndindex(height, width):
            down = min(y + 1, (i + 1) * height / side) - max(
                y, i * height / side
            )
            across = min(x + 1, (j + 1) * width / side) - max(
                x, j * width / side
            )
            if down > 0 and across > 0:
                found[i, j] += down * across * pixels[y, x]
    return found * side * side / (height * width)


@pytest.mark.parametrize("height,width,side", SHAPES)
def test_linear_takes_the_four_pixels_around_a_centre(height, width, side):
    pixels = noise(height, width)
    expected = linear_loop(pixels, side)
    assert np.abs(linear(pixels, side) - expected).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("height,width,side", SHAPES[:3])
def test_area_is_the_mean_of_what_a_pixel_covers(height, width, side):
    pixels = noise(height, width)
    expected = area_loop(pixels, side)
    assert np.abs(opencv.area(pixels, side) - expected).max() <= 0.5 + 1e-9


def test_area_enlarges_as_opencv():
    # cv2.resize(..., (5, 5), interpolation=cv2.INTER_AREA) of OpenCV 5.0
    row = np.array([[0, 90, 240]], "uint8")[..., None].repeat(3, axis=-1)
    enlarged = opencv.area(row.repeat(3, axis=0), 5)
    assert enlarged[0, :, 0].tolist() == [0, 30, 90, 190, 240]


@pytest.mark.parametrize("height,width,side", SHAPES)
def test_nearest_of_pillow_is_at_the_centre_and_of_opencv_at_the_corner(
    height, width, side
):
    pixels = noise(height, width)
    centre = pillow_kernels.nearest(pixels, side)
    corner = opencv.nearest(pixels, side)
    for i, j in np.ndindex(side, side):
        y, x = i * height // side, j * width // side
        assert corner[i, j].tolist() == pixels[y, x].tolist()
        y, on_edge = divmod((2 * i + 1) * height, 2 * side)
        x, on_other = divmod((2 * j + 1) * width, 2 * side)
        if on_edge and on_other:  # between two pixels it may be either
            assert centre[i, j].tolist() == pixels[y, x].tolist()


@pytest.mark.parametrize("height,width,side", SHAPES)
def test_skia_is_linear_at_sixteenths_of_a_pixel(height, width, side):
    pixels = noise(height, width)
    found = skia.draw_linear(pixels, side).astype(float)
    assert np.array_equal(found, scaled_bitmap(pixels, side))
    assert np.array_equal(found, canvas.draw_video(pixels, side))
    # a sixteenth of the largest difference along each axis, and one rounding
    assert np.abs(found - linear_loop(pixels, side)).max() <= 2 * 255 / 16 + 1
    smooth = np.broadcast_to(np.arange(width)[None, :, None], pixels.shape)
    found = skia.draw_linear(smooth.astype("uint8"), side)
    assert np.abs(found - linear_loop(smooth, side)).max() <= 1 + 1 / 16


def test_skia_halves_by_two_and_odd_sides_by_three_pixels():
    pixels = noise(4, 5).astype(int)
    found = skia.halve(pixels.astype("uint8"))
    assert found.shape == (2, 2, 3)
    for i, j in np.ndindex(2, 2):
        rows = pixels[2 * i : 2 * i + 2, 2 * j : 2 * j + 3].sum(axis=0)
        assert np.array_equal(
            found[i, j], (rows[0] + 2 * rows[1] + rows[2]) // 8
        )
    assert skia.halve(pixels[:1].astype("uint8")).shape == (1, 2, 3)


def test_an_image_element_is_halved_first_and_keeps_no_noise():
    pixels = noise(64, 64)
    drawn = canvas.draw_image(pixels, 8)
    assert np.array_equal(drawn, skia.halve(skia.halve(skia.halve(pixels))))
    assert drawn.std() < canvas.draw_video(pixels, 8).std() / 2


@pytest.mark.parametrize("height,width,side", SHAPES)
def test_training_is_the_one_down_sampler(height, width, side):
    pixels = noise(height, width)
    expected = resample(pixels, side, side)
    assert np.array_equal(pillow_kernels.as_trained(pixels, side), expected)


def test_mistakes_shrink_as_training_did():
    pixels = noise(12, 9)
    shrunk = pillow_kernels.as_trained(pixels, 4)
    assert np.array_equal(CLIENTS["bgr"].make(pixels, 4), shrunk[..., ::-1])
    lying = Image.fromarray(shrunk).transpose(Image.Transpose.ROTATE_90)
    assert np.array_equal(CLIENTS["turned"].make(pixels, 4), lying)


def test_what_lies_stands_up_by_the_orientation_that_phones_write(tmp_path):
    from kerasfg.data import decode_image

    pixels = noise(6, 6)
    exif = Image.Exif()
    exif[274] = 6
    stored = np.ascontiguousarray(np.rot90(pixels))
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    upright = np.asarray(decode_image(tmp_path / "a.png"))
    assert np.array_equal(upright, pixels)
    assert np.array_equal(mistakes.turned(upright), stored)


def test_compression_is_a_jpeg_of_quality_50():
    pixels = noise(32, 24)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "jpeg", quality=50)
    with Image.open(file) as image:
        expected = pillow_kernels.as_trained(np.asarray(image), 8)
    assert np.array_equal(mistakes.compressed(pixels, 8), expected)


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    side=st.integers(1, 24),
    colour=st.integers(0, 255),
)
@settings(max_examples=20, deadline=None)
def test_a_grey_picture_stays_grey_whatever_its_size(
    client, size, side, colour
):
    grey = np.full((*size, 3), colour, "uint8")
    made = client.make(grey, side)
    assert made.shape == (side, side, 3)
    assert made.dtype == np.uint8
    # JPEG rounds brightness to steps
    tolerance = 2 if client.name == "jpeg_50" else 0
    assert np.abs(made.astype(int) - colour).max() <= tolerance


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_resizing_changes_nothing_at_the_same_size(client):
    pixels = noise(11, 11)
    if client.fault in ("turned", "colours", "compressed"):
        assert not np.array_equal(client.make(pixels, 11), pixels)
    else:
        assert np.array_equal(client.make(pixels, 11), pixels)


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_pictures_are_not_changed_in_place(client):
    pixels = noise(20, 15)
    before = pixels.copy()
    pixels.setflags(write=False)
    client.make(pixels, 6)
    assert np.array_equal(pixels, before)


def test_antialiased_clients_see_every_pixel_and_the_others_do_not():
    # one white pixel in sixteen, which lies under no centre
    pixels = np.zeros((64, 64, 3), "uint8")
    pixels[1::16, 1::16] = 255
    pixels[14::16, 14::16] = 255
    for name, client in CLIENTS.items():
        if client.fault == "antialiased" or name == "canvas_image":
            assert client.make(pixels, 4).any(), name
        elif client.fault == "aliased":
            assert not client.make(pixels, 4).any(), name


def test_the_other_crop_is_the_mistake():
    center, whole = all_clients("center"), all_clients("whole")
    assert [c.name for c in center if c.other_crop] == ["squashed"]
    assert [c.name for c in whole if c.other_crop] == ["cropped"]
    assert center[0].fault == whole[0].fault == "same"
    few = few_clients("whole")
    assert few[0] == whole[0]
    # one of each kind
    assert [c.fault for c in few] == list(dict.fromkeys(c.fault for c in whole))
