import math

import numpy as np
import pytest

from kerasfg.data.batches.augmentation import PARAMETERS
from kerasfg.data.batches.augmentation import Augmentation

NOTHING = {"flip": False, "shift": 0.0, "scale": 0.0, "color": 0.0}


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (16, 8, 8, 3)).astype("float32")


def augment(images, seed=(1, 2), **options):
    seed = np.array(seed, "int32")
    return np.asarray(Augmentation(**{**NOTHING, **options})(images, seed))


def test_the_same_seed_gives_the_same_pictures(images):
    everything = {"flip": True, "shift": 0.2, "scale": 0.2, "color": 0.2}
    first = augment(images, **everything)
    np.testing.assert_array_equal(first, augment(images, **everything))
    assert not np.array_equal(first, augment(images, (1, 3), **everything))
    assert first.shape == images.shape


def test_a_part_of_a_batch_is_augmented_as_in_the_whole(images):
    augmentation = Augmentation(shift=0.2, scale=0.2, color=0.2)
    seed = np.array([1, 2], "int32")
    whole = np.asarray(augmentation(images, seed))
    for first in (0, 4, 12):
        part = augmentation(images[first : first + 4], seed, 16, first)
        np.testing.assert_allclose(part, whole[first : first + 4], atol=1e-4)


@pytest.mark.parametrize(
    "options", [{"shift": 0.4}, {"scale": 0.4}, {"color": 0.9}], ids=str
)
def test_stays_in_range(images, options):
    found = augment(images, **options)
    assert found.min() >= 0 and found.max() <= 255
    assert not np.array_equal(found, images)


def test_no_augmentation_changes_nothing(images):
    np.testing.assert_array_equal(augment(images), images)


def test_flip_mirrors_about_half_of_the_pictures(images):
    found = augment(np.tile(images, (8, 1, 1, 1)), flip=True)
    originals = np.tile(images, (8, 1, 1, 1))
    kept = (found == originals).all(axis=(1, 2, 3))
    mirrored = (found == originals[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (kept ^ mirrored).all()
    assert 40 < mirrored.sum() < 88  # of 128; four standard deviations


def test_shift_moves_whole_pixels_and_blurs_nothing(images):
    found = augment(images, shift=0.3)
    for before, after in zip(images, found, strict=True):
        colors = set(map(tuple, before.reshape(-1, 3)))
        assert set(map(tuple, after.reshape(-1, 3))) <= colors


def test_color_changes_a_picture_as_a_whole(images):
    grey = np.full((4, 8, 8, 3), 100, "float32")
    found = augment(grey, color=0.5)
    assert np.ptp(found, axis=(1, 2, 3)).max() < 1e-3
    assert not np.allclose(found, grey)


def by_numpy(image, mirrored, down, right, zoom, brightness, contrast, gray):
    """One picture, one pixel at a time."""
    size = len(image)
    middle = (size - 1) / 2

    def inside(index):  # d c b a | a b c d | d c b a
        index %= 2 * size
        return min(index, 2 * size - 1 - index)

    def shifted(row, column):
        column = inside(column - int(right))
        column = size - 1 - column if mirrored else column
        return image[inside(row - int(down)), column].astype("float64")

    def pixel(row, column):
        y, x = (middle + zoom * (i - middle) for i in (row, column))
        top, left = math.floor(y), math.floor(x)
        found = 0
        for i, height in ((top, top + 1 - y), (top + 1, y - top)):
            for j, width in ((left, left + 1 - x), (left + 1, x - left)):
                found += height * width * shifted(inside(i), inside(j))
        return found

    moved = np.array([[pixel(i, j) for j in range(size)] for i in range(size)])
    moved = np.clip(moved + brightness, 0, 255)
    mean = moved.mean(axis=(0, 1))
    moved = np.clip((moved - mean) * contrast + mean, 0, 255)
    grays = moved @ [0.2989, 0.587, 0.114]
    return np.clip(moved + gray * (grays[..., None] - moved), 0, 255)


@pytest.mark.parametrize(
    "options",
    [{"flip": True}, {"shift": 0.3}, {"scale": 0.6}, {"color": 0.5}, {}],
    ids=str,
)
def test_equals_plain_loops(images, options):
    everything = {"flip": True, "shift": 0.2, "scale": 0.2, "color": 0.2}
    augmentation = Augmentation(
        **({**NOTHING, **options} if options else everything)
    )
    drawn = augmentation.draw((1, 2), 16, 8, 8)
    found = np.asarray(augmentation.apply(images.astype("uint8"), drawn))
    expected = [by_numpy(x, *own) for x, own in zip(images, drawn, strict=True)]
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_what_is_drawn_is_of_the_sizes_asked_for():
    augmentation = Augmentation(shift=0.25, scale=0.2, color=0.4)
    drawn = augmentation.draw((3, 4), 4000, 16, 8)
    assert drawn.dtype == "float32" and drawn.shape == (4000, len(PARAMETERS))
    mirrored, down, right, zoom, brightness, contrast, gray = drawn.T
    assert set(mirrored) == {0, 1} and abs(mirrored.mean() - 0.5) < 0.04
    assert set(down) == set(range(-4, 5)) and set(right) == set(range(-2, 3))
    for values, low, high in [
        (zoom, 0.8, 1.2),
        (brightness, -102, 102),
        (contrast, 1.0, 1.4),
        (gray, 0, 0.4),
    ]:
        slack = 0.01 * (high - low)
        assert low <= values.min() < low + slack
        assert high - slack < values.max() <= high + 1e-6
    assert np.abs(np.corrcoef(drawn.T) - np.eye(7)).max() < 0.08


AUGMENT = """
import sys
import numpy as np
from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches

images = np.random.default_rng(0).integers(0, 256, (24, 16, 16, 3), "uint8")
batches = TrainingBatches(images, np.arange(24), 8, 5, Augmentation())
found = [batches.batch(epoch, step)[0] for epoch in (0, 3) for step in (0, 2)]
np.save(sys.argv[1] + f"/{sys.argv[2]}.npy", found)
"""


@pytest.mark.slow
def test_every_backend_augments_alike(run_script, tmp_path):
    for backend in ("tensorflow", "jax"):
        run_script(AUGMENT, backend, backend=backend)
    first, second = (np.load(file) for file in tmp_path.glob("*.npy"))
    np.testing.assert_allclose(first, second, atol=1e-3)  # of 255
