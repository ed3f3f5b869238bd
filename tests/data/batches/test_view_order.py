"""Which view of each picture an epoch takes, and that batches have it."""

import types

import numpy as np
import pytest

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.batches.view_order import ViewOrder

ROWS, COUNT = np.array([2, 3, 5, 7, 11, 13]), 4
MIRRORED = Augmentation(flip=True, shift=0, scale=0, color=0)


@pytest.fixture
def views():
    """The pixels of each view tell its index; the left edge is marked."""
    index = np.arange(len(ROWS) * COUNT, dtype="uint8")
    images = np.repeat(index, 8 * 8 * 3).reshape(-1, 8, 8, 3)
    images[:, :, 0] += 100
    logits = np.stack([index, 2.0 * index], axis=1).astype("float16")
    return types.SimpleNamespace(images=images, logits=logits, count=COUNT)


def batches(views, batch_size=3, seed=0, **options):
    labels = np.arange(20) % 2
    options = {"rows": ROWS, **options}
    return TrainingBatches(
        views.images, labels, batch_size, seed, views=views, **options
    )


def taken(training, epoch):
    """The index of each view of an epoch, in order, by what pixels tell."""
    found = []
    for step in range(training.steps_per_epoch):
        images, targets = training.batch(epoch, step)
        numbers = images[:, 0, 4, 0].astype(int)
        np.testing.assert_array_equal(
            targets["teacher_logits"], np.stack([numbers, 2 * numbers], 1)
        )
        rows = ROWS[numbers // COUNT]
        np.testing.assert_array_equal(targets["label"], rows % 2)
        found += numbers.tolist()
    return found


def test_an_epoch_takes_a_view_of_each_picture(views):
    found = taken(batches(views), epoch=3)
    assert sorted(number // COUNT for number in found) == list(range(6))


def test_no_view_comes_twice_before_all_have_come(views):
    training = batches(views)
    first = [sorted(taken(training, epoch)) for epoch in range(COUNT)]
    assert sorted(sum(first, [])) == list(range(6 * COUNT))
    assert sorted(taken(training, COUNT)) == first[0]


def test_pictures_do_not_take_turns_together(views):
    numbers = {number % COUNT for number in taken(batches(views), 0)}
    assert len(numbers) > 1


def test_a_picture_that_comes_twice_comes_in_two_views():
    order = ViewOrder(ROWS, COUNT, 0)
    places = order.places(np.array([[2, 5, 2], [5, 2, 3]]), epoch=6)
    np.testing.assert_array_equal(places // COUNT, [[0, 2, 0], [2, 0, 1]])
    of_two = places[places // COUNT == 0] % COUNT
    assert np.diff(of_two).tolist() in ([1, 1], [1, -3], [-3, 1])


def test_balanced_batches_hold_so_many_views_of_each_class(views):
    training = batches(views, 4, images_per_class=2)
    for step in range(training.steps_per_epoch):
        _, targets = training.batch(0, step)
        assert sorted(targets["label"]) == [0, 0, 1, 1]


def test_views_depend_on_seed_and_epoch_alone(views):
    training = batches(views)
    whole = [taken(training, epoch) for epoch in range(3)]
    assert taken(batches(views), 2) == whole[2]
    assert whole[0] != whole[1]
    assert taken(batches(views, seed=1), 0) != whole[0]


def test_parts_make_up_the_batch_of_one_process(views):
    whole = batches(views, 6, augmentation=MIRRORED)
    images, targets = whole.batch(1, 0)
    parts = [
        batches(views, 6, augmentation=MIRRORED, part=(i, 2)).batch(1, 0)
        for i in range(2)
    ]
    joined = np.concatenate([part for part, _ in parts])
    np.testing.assert_array_equal(joined, images)
    for key, values in targets.items():
        joined = np.concatenate([own[key] for _, own in parts])
        np.testing.assert_array_equal(joined, values)


def test_views_are_mirrored_and_no_more(views):
    training = batches(views, 6, augmentation=MIRRORED)
    marked = []
    for epoch in range(8):
        images, targets = training.batch(epoch, 0)
        numbers = images[:, 0, 4, 0]
        plain = views.images[numbers.astype(int)].astype("float32")
        left = images[:, 0, 0, 0] == numbers + 100
        expected = np.where(left[:, None, None, None], plain, plain[:, :, ::-1])
        np.testing.assert_array_equal(images, expected)
        marked += left.tolist()
    assert 12 <= sum(marked) <= 36


def test_labels_alone_without_a_teacher(views):
    views.logits = None
    images, labels = batches(views).batch(0, 0)
    rows = ROWS[images[:, 0, 4, 0].astype(int) // COUNT]
    np.testing.assert_array_equal(labels, rows % 2)


def test_each_picture_has_as_many_views(views):
    with pytest.raises(ValueError, match="24 views, 5 pictures, count=4"):
        batches(views, rows=ROWS[:5])
