import numpy as np
import pytest

from kerasfg.data.batches.crop_and_shrink import cut
from kerasfg.data.batches.crop_and_shrink import shrink_batch
from kerasfg.data.pixels.low_resolution import resample


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (4, 24, 24, 3), dtype="uint8")


def test_whole_pictures_are_those_of_the_rows(images):
    np.testing.assert_array_equal(cut(images, [2, 0]), images[[2, 0]])


def test_squares_are_where_their_corners_say(images):
    found = cut(images, [3, 1, 1], [(0, 0), (2, 9), (16, 5)], 8)
    expected = [
        images[3, :8, :8],
        images[1, 2:10, 9:17],
        images[1, 16:, 5:13],
    ]
    np.testing.assert_array_equal(found, expected)


def test_squares_of_a_memory_mapped_file(images, tmp_path):
    np.save(tmp_path / "pixels.npy", images)
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    found = cut(mapped, [1], [(3, 4)], 5)
    np.testing.assert_array_equal(found, images[1:2, 3:8, 4:9])


@pytest.mark.parametrize("size", [24, 9, 1])
def test_shrinks_as_the_down_sampler_to_the_last_bit(images, size):
    found = shrink_batch(images.astype("float32"), size)
    assert found.dtype == "float32"
    expected = [resample(pixels, size, size) for pixels in images]
    np.testing.assert_array_equal(found, expected)


def test_rounds_what_was_augmented_before_it_shrinks(images, rng):
    close = images + rng.uniform(-0.49, 0.49, images.shape)
    beyond = np.where(images > 127, images + 90.0, images - 90.0)
    np.testing.assert_array_equal(
        shrink_batch(close, 9), shrink_batch(images, 9)
    )
    np.testing.assert_array_equal(
        shrink_batch(beyond, 9), shrink_batch(np.clip(beyond, 0, 255), 9)
    )


def test_each_picture_has_its_own_resolution(images):
    found = shrink_batch(images, 12, [4, 12, 7, 100])
    for pixels, size, given in zip(images, (4, 12, 7, 12), found, strict=True):
        far = resample(pixels, size, size)
        np.testing.assert_array_equal(given, resample(far, 12, 12))


def test_large_enough_resolutions_leave_pictures_as_they_are(images):
    found = shrink_batch(images, 24, [24, 25, 64, 1000])
    np.testing.assert_array_equal(found, images)
