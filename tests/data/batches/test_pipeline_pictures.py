"""Crops, resolutions and shifts of the pictures in a batch."""

import keras
import numpy as np
import pytest
from PIL import Image

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.crop_and_shrink import shrink_batch
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.pixels.low_resolution import shrink


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (10, 8, 8, 3), dtype="uint8"), np.arange(10)


def collect(batches):
    as_arrays = keras.ops.convert_to_numpy
    return [keras.tree.map_structure(as_arrays, batch) for batch in batches]


@pytest.fixture
def places():
    """Six pictures whose pixels tell picture, row and column."""
    index, row, column = np.indices((6, 24, 20))
    return np.stack([index, row, column], axis=-1).astype("uint8")


def corners(batches):
    """Picture, row and column of the first pixel of each, in order."""
    return np.concatenate([images[:, 0, 0] for images, _ in batches]).astype(
        int
    )


def test_a_crop_is_a_square_of_the_picture_somewhere(places):
    batches = TrainingBatches(places, np.arange(6), 6, seed=0, crop_size=16)
    found = collect(batches.dataset(0, 200))
    seen = corners(found)
    assert {len(images) for images, _ in found} == {6}
    for images, labels in found:
        for pixels, label in zip(images, labels, strict=True):
            index, top, left = pixels[0, 0].astype(int)
            own = places[label, top : top + 16, left : left + 16]
            assert index == label
            np.testing.assert_array_equal(pixels, own)
    # Every corner there is, as often as any other.
    assert set(seen[:, 1]) == set(range(9)) and set(seen[:, 2]) == set(range(5))
    np.testing.assert_allclose(seen[:, 1:].mean(axis=0), [4, 2], atol=0.3)


def test_crops_depend_on_seed_epoch_and_step_alone(places):
    def found(seed, first_epoch):
        batches = TrainingBatches(
            places, np.arange(6), 3, seed, crop_size=16
        ).dataset(first_epoch, 3)
        return corners(collect(batches))

    whole = found(0, 0)
    np.testing.assert_array_equal(whole[6:], found(0, 1))
    by_picture = [whole[start : start + 6] for start in (0, 6)]
    first, second = (x[np.argsort(x[:, 0])] for x in by_picture)
    assert not np.array_equal(first, second)
    assert not np.array_equal(whole, found(1, 0))


def test_larger_pictures_come_out_as_the_down_sampler_makes_them(rng):
    images = rng.integers(0, 256, (6, 24, 24, 3), dtype="uint8")
    batches = TrainingBatches(images, np.arange(6), 3, seed=0, image_size=9)
    for found, labels in collect(batches.dataset(0, 2)):
        expected = [shrink(Image.fromarray(images[y]), 9) for y in labels]
        assert found.dtype == "float32"
        np.testing.assert_array_equal(found, expected)


def test_each_picture_is_seen_at_one_of_the_resolutions(rng):
    images = rng.integers(0, 256, (8, 12, 12, 3), dtype="uint8")
    batches = TrainingBatches(
        images, np.arange(8), 8, seed=0, resolutions=(4, 6, 12)
    )
    of_size = {
        size: shrink_batch(images, 12, [size] * 8) for size in (4, 6, 12)
    }
    seen = []
    for found, labels in collect(batches.dataset(0, 30)):
        sizes = [
            [size for size in of_size if np.all(of_size[size][y] == pixels)]
            for pixels, y in zip(found, labels, strict=True)
        ]
        seen += [size for (size,) in sizes]
    shares = [seen.count(size) / 240 for size in (4, 6, 12)]
    np.testing.assert_allclose(shares, 1 / 3, atol=0.1)


def test_crops_and_resolutions_do_not_depend_on_the_part(rng):
    images = rng.integers(0, 256, (6, 24, 24, 3), dtype="uint8")

    def batches(part=(0, 1), first_epoch=0):
        training = TrainingBatches(
            images,
            np.arange(6),
            6,
            seed=0,
            augmentation=Augmentation(),
            part=part,
            crop_size=20,
            image_size=10,
            resolutions=(5, 10),
        )
        return collect(training.dataset(first_epoch, 3))

    whole = batches()
    parts = [batches(part=(index, 3)) for index in range(3)]
    for (expected, labels), *others in zip(whole, *parts, strict=True):
        assert expected.shape == (6, 10, 10, 3)
        found = np.concatenate([images for images, _ in others])
        # What is augmented in parts may round to the level beside.
        np.testing.assert_allclose(found, expected, atol=1)
        assert np.mean(found != expected) < 0.01
        np.testing.assert_array_equal(
            np.concatenate([y for _, y in others]), labels
        )
    for (images_, _), (again, _) in zip(
        whole[1:], batches(first_epoch=1), strict=True
    ):
        np.testing.assert_array_equal(images_, again)


def test_shifts_at_a_larger_size_are_parts_of_a_pixel():
    rows = np.arange(64, dtype="uint8") * 3
    images = np.empty((64, 64, 64, 3), "uint8")
    images[:] = rows[:, None, None]
    shift = Augmentation(flip=False, shift=0.1, scale=0, color=0)
    batches = TrainingBatches(
        images, np.zeros(64), 64, seed=0, augmentation=shift, image_size=16
    )
    ((found, _),) = collect(batches.dataset(0, 1))
    still = shrink_batch(images[:1], 16)
    moved = (found[:, 8, 8, 0] - still[0, 8, 8, 0]) / 3  # in rows of the 64
    np.testing.assert_array_equal(moved, np.round(moved))
    assert np.abs(moved).max() <= 6
    assert set(moved % 4) == {0, 1, 2, 3}  # quarters of a row of the 16


def test_a_teacher_sees_the_larger_augmented_pictures(rng):
    images = rng.integers(0, 256, (6, 24, 24, 3), dtype="uint8")
    seen = []

    def teacher(batch):
        seen.append(batch)
        return batch.mean(axis=(1, 2))  # three "classes"

    def batches(**options):
        training = TrainingBatches(
            images, np.arange(6), 3, 0, Augmentation(), **options
        )
        return collect(training.dataset(0, 1))

    alone = batches()  # augmented, not shrunk
    taught = batches(image_size=8, teacher=teacher)
    for (larger, labels), (small, targets), given in zip(
        alone, taught, seen, strict=True
    ):
        np.testing.assert_array_equal(given, larger)
        np.testing.assert_array_equal(targets["label"], labels)
        assert targets["label"].dtype == "int32"
        logits = targets["teacher_logits"]
        assert logits.dtype == "float32" and logits.shape == (3, 3)
        np.testing.assert_array_equal(logits, larger.mean(axis=(1, 2)))
        np.testing.assert_array_equal(small, shrink_batch(larger, 8))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crop_size": 9}, r"crop_size=9, pictures of \(8, 8, 3\)"),
        ({"image_size": 9}, r"image_size=9, pictures of \(8, 8, 3\)"),
        ({"crop_size": 6, "image_size": 7}, r"image_size=7.*\(6, 6, 3\)"),
    ],
)
def test_rejects_a_size_that_is_too_large(pictures, options, message):
    with pytest.raises(ValueError, match=message):
        TrainingBatches(*pictures, 5, seed=0, **options)
