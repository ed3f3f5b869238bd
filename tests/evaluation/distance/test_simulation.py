import keras
import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.distance.simulation import far_away
from kerasfg.evaluation.distance.simulation import simulate_distances


def test_shrinks_by_the_mean_over_areas(rng):
    pixels = rng.integers(0, 256, (12, 12, 3)).astype("uint8")
    found = far_away(Image.fromarray(pixels), 4)
    for y in range(4):
        for x in range(4):
            square = pixels[3 * y : 3 * y + 3, 3 * x : 3 * x + 3]
            expected = square.reshape(9, 3).mean(axis=0)
            np.testing.assert_allclose(found[y, x], expected, atol=1)
    assert far_away(Image.fromarray(pixels), 40).shape == (12, 12, 3)


@pytest.fixture
def model():
    """Says 1 where the left half is brighter than the right one."""
    pixels = keras.Input((8, 8, 3))
    left = keras.ops.mean(pixels[:, :, :4], axis=(1, 2, 3))
    right = keras.ops.mean(pixels[:, :, 4:], axis=(1, 2, 3))
    shares = keras.ops.stack([right, left], axis=1)
    return keras.Model(pixels, keras.ops.softmax(shares))


def test_what_is_lost_on_the_way_is_measured(model):
    def read(name):
        height = 20 if name != "small" else 4
        pixels = np.zeros((height, 3 * height, 3), "uint8")
        half = height * 3 // 2
        if name == "right":
            pixels[:, half:] = 250
        else:
            pixels[:, :half] = 250
        return Image.fromarray(pixels)

    names, labels = ["left", "right", "small", "left"], np.array([1, 0, 1, 0])
    found = simulate_distances(
        model, read, names, labels, [1, 4, 16], verbose=False
    )
    assert found[4]["top_1"] == found[16]["top_1"] == 0.75
    assert found[4]["n"] == 4 and found[4]["too_small"] == 0
    assert found[16]["too_small"] == 0.25
    low, high = found[4]["top_1_interval"]
    assert low < 0.75 < high
    # Of one pixel nothing is left: the answer is the same for each picture.
    assert found[1]["top_1"] == 0.5
