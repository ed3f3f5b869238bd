import numpy as np
import pytest

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
