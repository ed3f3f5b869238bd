import keras
import numpy as np
import pytest

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.batches.pipeline import evaluation_batches


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (10, 8, 8, 3), dtype="uint8"), np.arange(10)


@pytest.fixture
def classes():
    """Four classes of six pictures; the pixels of each tell its index."""
    index = np.arange(24)
    images = np.zeros((24, 8, 8, 3), "uint8")
    return images + index[:, None, None, None].astype("uint8"), index % 4


def indices(epochs):
    return np.array([images[:, 0, 0, 0] for images, _ in epochs], int)


def collect(batches):
    as_arrays = keras.ops.convert_to_numpy
    return [keras.tree.map_structure(as_arrays, batch) for batch in batches]


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


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("images_per_class", [0, 3])
def test_parts_make_up_the_batch_of_one_process(
    classes, count, images_per_class
):
    def batches(part):
        training = TrainingBatches(
            *classes,
            12,
            seed=0,
            augmentation=Augmentation(),
            images_per_class=images_per_class,
            part=part,
        )
        return collect(training.dataset(1, 3))

    whole = batches((0, 1))
    parts = [batches((index, count)) for index in range(count)]
    assert len(whole) == 4
    for (images, labels), *others in zip(whole, *parts, strict=True):
        joined = [
            np.concatenate(of_all) for of_all in zip(*others, strict=True)
        ]
        np.testing.assert_allclose(joined[0], images, atol=1e-4)
        np.testing.assert_array_equal(joined[1], labels)


def test_rejects_a_batch_that_has_no_equal_parts(pictures):
    with pytest.raises(ValueError, match=r"batch_size=8, part=\(0, 3\)"):
        TrainingBatches(*pictures, 8, seed=0, part=(0, 3))


def test_takes_only_the_rows_it_is_told(pictures):
    images, labels = pictures
    rows = np.array([1, 4, 5, 8])
    batches = TrainingBatches(images, labels, 2, seed=0, rows=rows)
    seen = np.concatenate([y for _, y in collect(batches.dataset(0, 1))])
    np.testing.assert_array_equal(np.sort(seen), rows)
    evaluation = evaluation_batches(images, labels, batch_size=2, rows=rows)
    assert len(evaluation) == 2
    found = np.concatenate([x for x, _ in collect(evaluation)])
    np.testing.assert_array_equal(found, images[rows])


def test_no_rows_are_no_pictures():
    with pytest.raises(ValueError, match="2 images, 2 labels, 0 rows"):
        TrainingBatches(
            np.zeros((2, 4, 4, 3), "uint8"), np.zeros(2), 2, seed=0, rows=[]
        )


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


def test_balanced_batches_hold_so_many_of_each_of_some_classes(classes):
    batches = TrainingBatches(*classes, 6, seed=0, images_per_class=3)
    assert batches.steps_per_epoch == 4
    epochs = collect(batches.dataset(0, 2))
    for _, labels in epochs:
        assert np.unique(labels, return_counts=True)[1].tolist() == [3, 3]
    rows = indices(epochs)
    np.testing.assert_array_equal(classes[1][rows], [y for _, y in epochs])
    for epoch in (rows[:4], rows[4:]):
        np.testing.assert_array_equal(np.sort(epoch.ravel()), np.arange(24))
    np.testing.assert_array_equal(rows, np.sort(rows))  # read in one sweep


def test_balanced_epochs_depend_on_seed_and_epoch_alone(classes):
    def dataset(seed, first_epoch, last_epoch):
        batches = TrainingBatches(
            *classes, 6, seed, Augmentation(), images_per_class=3
        )
        return collect(batches.dataset(first_epoch, last_epoch))

    whole, resumed = dataset(5, 0, 3), dataset(5, 1, 3)
    for (images, labels), (again, again_labels) in zip(
        whole[4:], resumed, strict=True
    ):
        np.testing.assert_array_equal(images, again)
        np.testing.assert_array_equal(labels, again_labels)
    first, second = (np.array([y for _, y in whole[i : i + 4]]) for i in (0, 4))
    other = np.array([y for _, y in dataset(6, 0, 1)])
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_balanced_batches_take_only_the_rows_they_are_told(classes):
    rows = np.flatnonzero(classes[1] != 2)[:9]
    batches = TrainingBatches(
        *classes, 6, seed=0, rows=rows, images_per_class=2
    )
    assert batches.steps_per_epoch == 1
    seen = indices(collect(batches.dataset(0, 20)))
    assert set(seen.ravel()) == set(rows)


def test_balanced_batches_of_few_pictures_are_full_all_the_same(classes):
    batches = TrainingBatches(
        *classes, 8, seed=0, rows=np.arange(5), images_per_class=4
    )
    assert batches.steps_per_epoch == 1
    for _, labels in collect(batches.dataset(0, 3)):
        assert np.unique(labels, return_counts=True)[1].tolist() == [4, 4]


def test_notes_when_each_batch_was_ready(pictures):
    batches = TrainingBatches(*pictures, 5, seed=0)
    collect(batches.dataset(0, 3))
    assert len(batches.ready_at) == 6
    assert batches.ready_at == sorted(batches.ready_at)


@pytest.mark.parametrize("count", [0, 9])
def test_rejects_labels_that_do_not_match(pictures, count):
    with pytest.raises(ValueError, match=f"Received: {count} images, 10"):
        TrainingBatches(pictures[0][:count], pictures[1], 5, seed=0)


@pytest.mark.parametrize(
    ("batch_size", "images_per_class", "rows", "message"),
    [
        (6, 1, None, "at least 2"),
        (7, 3, None, "Take for example 6"),
        (16, 2, None, "at most 8"),
        (8, 2, np.arange(0, 24, 2), "at most 4"),  # two classes are left
    ],
)
def test_rejects_at_once_what_cannot_be_balanced(
    classes, batch_size, images_per_class, rows, message
):
    with pytest.raises(ValueError, match=message):
        TrainingBatches(
            *classes,
            batch_size,
            seed=0,
            rows=rows,
            images_per_class=images_per_class,
        )


def test_evaluation_takes_every_picture_once_in_order(pictures):
    images, labels = pictures
    batches = evaluation_batches(images, labels, batch_size=4)
    assert len(batches) == 3
    found = collect(batches)
    assert [len(y) for _, y in found] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in found]), images)
    np.testing.assert_array_equal(np.concatenate([y for _, y in found]), labels)


def test_evaluation_without_labels(pictures):
    (batch,) = evaluation_batches(pictures[0])
    np.testing.assert_array_equal(batch, pictures[0])
