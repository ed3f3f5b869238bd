"""Frames shrunk inside the graph, as Pillow shrinks them."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.frames.shrinking import shrinking
from kerasfg.export.frames.shrunk_frames import shrunk_frames


def _frames(size):
    """Noise, noise of the steepest edges, and a field with a bar."""
    random = np.random.default_rng(size)
    noise = random.integers(0, 256, (size, size, 3), "uint8")
    extreme = 255 * random.integers(0, 2, (size, size, 3), "uint8")
    bar = np.full((size, size, 3), 255, "uint8")
    bar[:, size // 3 : size // 2] = random.integers(0, 256, 3)
    return np.stack([noise, extreme, bar, 255 - bar])


@pytest.mark.parametrize(
    ("frame", "size"),
    [(17, 16), (40, 16), (64, 32), (96, 48), (100, 16), (128, 8), (300, 3)],
)
def test_pixels_are_pillows(frame, size):
    function = shrinking(frame, size)
    for pixels in _frames(frame):
        given = function(tf.constant(pixels[None])).numpy()[0]
        expected = shrink(Image.fromarray(pixels), size).astype("float32")
        difference = np.abs(given - expected)
        assert difference.max() <= 1
        assert np.count_nonzero(difference) <= 1


@pytest.mark.parametrize("times", [2, 4, 8])
def test_what_is_not_at_the_border_is_exact(times):
    """Sums of multiples of a power of two fit into float32 as they are."""
    function = shrinking(16 * times, 16)
    for pixels in _frames(16 * times):
        # Were a number at the border another one, it would not matter here.
        pixels[: 4 * times] = pixels[-4 * times :] = pixels[0, 0]
        pixels[:, : 4 * times] = pixels[:, -4 * times :] = pixels[0, 0]
        given = function(tf.constant(pixels[None])).numpy()[0]
        expected = shrink(Image.fromarray(pixels), 16)
        inside = slice(2, -2)
        np.testing.assert_array_equal(
            given[inside, inside], expected[inside, inside]
        )


@pytest.mark.parametrize("format_", ["tflite", "onnx"])
def test_each_runtime_shrinks_as_pillow_does(format_):
    frames = _frames(100)
    found = shrunk_frames(frames, 16, format_)
    assert found.images.dtype == "uint8"
    expected = np.stack([shrink(Image.fromarray(x), 16) for x in frames])
    differing = found.images != expected
    assert found.differing == np.count_nonzero(differing) <= 1
    assert found.largest == differing.any()
