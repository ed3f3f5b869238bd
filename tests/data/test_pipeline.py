import numpy as np
import pytest

from kerasfg.data.augmentation import Augmentation
from kerasfg.data.pipeline import TrainingBatches
from kerasfg.data.pipeline import evaluation_batches


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (10, 8, 8, 3), dtype="uint8"), np.arange(10)


def collect(batches):
    return [(images.numpy(), labels.numpy()) for images, labels in batches]


def test_an_epoch_holds_each_picture_once(pictures):
    images, labels = pictures
    batches = TrainingBatches(images, labels, 5, seed=0)
    assert batches.steps_per_epoch == 2
    for start in (0, 2):  # two epochs, one after the other
        epoch = collect(batches.dataset(0, 2))[start : start + 2]
        seen = np.concatenate([labels for _, labels in epoch])
        np.testing.assert_array_equal(np.sort(seen), labels)
    for batch, batch_labels in epoch:
        assert batch.dtype == "float32" and batch_labels.dtype == "int32"
        np.testing.assert_array_equal(batch, images[batch_labels])


def test_what_does_not_fill_a_batch_is_left_out_of_the_epoch(pictures):
    batches = TrainingBatches(*pictures, 4, seed=0)
    epochs = collect(batches.dataset(0, 20))
    assert [len(labels) for _, labels in epochs] == [4] * 40
    seen = np.concatenate([labels for _, labels in epochs])
    assert set(seen) == set(range(10))  # another two are left out each time


def test_few_pictures_are_one_small_batch(pictures):
    batches = TrainingBatches(*pictures, 64, seed=0)
    assert [len(labels) for _, labels in collect(batches.dataset(0, 2))] == [
        10,
        10,
    ]


def test_a_later_epoch_does_not_depend_on_where_one_starts(pictures):
    batches = TrainingBatches(*pictures, 5, seed=3, augmentation=Augmentation())
    whole = collect(batches.dataset(0, 4))
    resumed = collect(batches.dataset(2, 4))
    for (images, labels), (again, again_labels) in zip(
        whole[4:], resumed, strict=True
    ):
        np.testing.assert_array_equal(images, again)
        np.testing.assert_array_equal(labels, again_labels)


def test_takes_only_the_rows_it_is_told(pictures):
    images, labels = pictures
    rows = np.array([1, 4, 5, 8])
    batches = TrainingBatches(images, labels, 2, seed=0, rows=rows)
    seen = np.concatenate([y for _, y in collect(batches.dataset(0, 1))])
    np.testing.assert_array_equal(np.sort(seen), rows)
    evaluation = evaluation_batches(images, labels, batch_size=2, rows=rows)
    assert evaluation.cardinality() == 2
    found = np.concatenate([x for x, _ in collect(evaluation)])
    np.testing.assert_array_equal(found, images[rows])


def test_order_differs_by_epoch_and_seed(pictures):
    def labels(seed, epoch):
        batches = TrainingBatches(*pictures, 5, seed)
        return [tuple(y) for _, y in collect(batches.dataset(epoch, epoch + 1))]

    assert labels(0, 0) == labels(0, 0)
    assert labels(0, 0) != labels(0, 1)
    assert labels(0, 0) != labels(1, 0)


def test_reads_a_memory_mapped_file(pictures, tmp_path):
    np.save(tmp_path / "pixels.npy", pictures[0])
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    batches = TrainingBatches(mapped, pictures[1], 5, seed=0)
    for images, labels in collect(batches.dataset(0, 1)):
        np.testing.assert_array_equal(images, pictures[0][labels])


def test_notes_when_each_batch_was_ready(pictures):
    batches = TrainingBatches(*pictures, 5, seed=0)
    collect(batches.dataset(0, 3))
    assert len(batches.ready_at) == 6
    assert batches.ready_at == sorted(batches.ready_at)


@pytest.mark.parametrize("count", [0, 9])
def test_rejects_labels_that_do_not_match(pictures, count):
    with pytest.raises(ValueError, match=f"Received: {count} images, 10"):
        TrainingBatches(pictures[0][:count], pictures[1], 5, seed=0)


def test_evaluation_takes_every_picture_once_in_order(pictures):
    images, labels = pictures
    batches = evaluation_batches(images, labels, batch_size=4)
    assert batches.cardinality() == 3
    found = collect(batches)
    assert [len(y) for _, y in found] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in found]), images)
    np.testing.assert_array_equal(np.concatenate([y for _, y in found]), labels)


def test_evaluation_without_labels(pictures):
    (batch,) = evaluation_batches(pictures[0])
    np.testing.assert_array_equal(batch, pictures[0])
