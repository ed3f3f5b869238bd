"""Frames shrunk inside the graph: bit for bit as Pillow shrinks them."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kerasfg.data.pixels.low_resolution import PRECISION_BITS
from kerasfg.data.pixels.low_resolution import coefficients
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.frames.shrinking import divided_weights
from kerasfg.export.frames.shrinking import shrinking

ONE = 1 << PRECISION_BITS


def _frames(size):
    """Noise, noise of the steepest edges, and a field of white with a bar."""
    random = np.random.default_rng(size)
    noise = random.integers(0, 256, (size, size, 3), "uint8")
    extreme = 255 * random.integers(0, 2, (size, size, 3), "uint8")
    bar = np.full((size, size, 3), 255, "uint8")
    bar[:, size // 3 : size // 2] = random.integers(0, 256, 3)
    return noise, extreme, bar, 255 - bar


@pytest.mark.parametrize(
    ("frame", "size"),
    [(17, 16), (40, 16), (64, 32), (96, 48), (100, 16), (128, 8), (300, 3)],
)
def test_pixels_are_pillows(frame, size):
    function = shrinking(frame, size)
    for pixels in _frames(frame):
        given = function(tf.constant(pixels[None])).numpy()[0]
        expected = shrink(Image.fromarray(pixels), size)
        np.testing.assert_array_equal(given, expected)


@pytest.mark.parametrize("size", [4, 20, 32, 64, 112])
@pytest.mark.parametrize("times", [1.3, 2, 3, 8])
def test_all_sums_are_exact_in_float32(size, times):
    """The integers of Pillow come back, and no sum leaves 24 bits."""
    frame = int(size * times)
    main, lower, rest, places = (
        x.astype("float64") for x in divided_weights(frame, size)
    )
    whole = np.zeros((size, frame))
    first, weights = coefficients(frame, size)
    for row, start, values in zip(whole, first, weights, strict=True):
        row[start : start + len(values)] = values[: frame - start]
    width = lower.shape[1] // 2
    all_lower = np.zeros((len(lower), frame))
    if lower.shape[1] == frame:
        all_lower[:] = lower
    else:
        all_lower[:, :width] = lower[:, :width]
        all_lower[:, -width:] = lower[:, width:]
    np.testing.assert_array_equal((main + places @ all_lower) * ONE, whole)
    for row in (*main, *lower):
        integers = (row * ONE).astype(int)
        unit = np.gcd.reduce(integers)
        unit &= -unit  # the spacing of the sums, a power of two
        assert 128 * np.abs(integers).sum() < 2**24 * unit
    sums = 128 * (whole.sum(axis=1) / ONE - 1)
    np.testing.assert_array_equal(places @ rest, sums)


def test_a_multiple_by_a_power_of_two_divides_the_borders_alone():
    _, lower, _, places = divided_weights(256, 32)
    assert lower.shape == (4, 56)
    assert np.flatnonzero(places.any(axis=1)).tolist() == [0, 1, 30, 31]
