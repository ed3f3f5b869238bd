from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from kerasfg.data.batches.balanced import balanced_order
from kerasfg.data.batches.balanced import classes_per_batch


def draw(labels, batch_size, images_per_class, *seed):
    random = np.random.default_rng(seed or 0)
    return balanced_order(labels, batch_size, images_per_class, random)


@st.composite
def orders(draw_value):
    """Labels of classes of 1 to 12 pictures, K, and an order of them."""
    sizes = draw_value(st.lists(st.integers(1, 12), min_size=2, max_size=8))
    images_per_class = draw_value(st.integers(2, 6))
    classes = draw_value(st.integers(2, len(sizes)))
    seed = draw_value(st.integers(0, 99))
    names = np.arange(len(sizes)) * 7 - 3  # any integers will do
    labels = np.random.default_rng(seed).permutation(np.repeat(names, sizes))
    order = draw(labels, classes * images_per_class, images_per_class, seed)
    return labels, images_per_class, order


# === An array of indices ===


def test_gives_steps_times_batch_size_indices():
    labels = np.repeat(np.arange(5), 7)
    order = draw(labels, 6, 3)
    assert order.shape == (35 // 6, 6) and order.dtype == "int64"
    assert order.min() >= 0 and order.max() < 35


def test_takes_labels_as_keras_datasets_have_them():
    labels = np.repeat([3, 1, 2], 4)
    np.testing.assert_array_equal(
        draw(labels[:, None].astype("uint8"), 4, 2), draw(labels, 4, 2)
    )


def test_the_random_state_decides():
    labels = np.repeat(np.arange(5), 8)
    first = draw(labels, 8, 4, 3, 0)
    np.testing.assert_array_equal(first, draw(labels, 8, 4, 3, 0))
    assert not np.array_equal(first, draw(labels, 8, 4, 3, 1))  # next epoch
    assert not np.array_equal(first, draw(labels, 8, 4, 4, 0))  # next seed


# === What a batch holds ===


@settings(deadline=None)
@given(orders())
def test_a_batch_holds_so_many_classes_and_so_many_pictures_of_each(drawn):
    labels, images_per_class, order = drawn
    classes = order.shape[1] // images_per_class
    for batch in order:
        groups = labels[batch].reshape(classes, images_per_class)
        assert (groups == groups[:, :1]).all()  # side by side
        assert len(set(groups[:, 0])) == classes
        times = np.bincount(batch, minlength=len(labels))
        for label in groups[:, 0]:  # repeated only as far as it must be
            own = times[labels == label]
            assert own.max() - own.min() <= 1


@settings(deadline=None)
@given(orders())
def test_classes_are_drawn_equally_often_and_the_pictures_of_each(drawn):
    labels, images_per_class, order = drawn
    counts = np.bincount(order.ravel(), minlength=len(labels))
    draws = []
    for label in np.unique(labels):
        own = counts[labels == label]
        assert own.max() - own.min() <= 1
        draws.append(own.sum() / images_per_class)
    assert max(draws) - min(draws) <= 1


def test_all_classes_have_had_their_turn_before_one_comes_again():
    labels = np.repeat(np.arange(5), 8)
    turns = labels[draw(labels, 8, 4)][:, ::4].ravel()
    assert len(turns) == 10
    for start in (0, 5):
        assert set(turns[start : start + 5]) == set(range(5))


def test_a_class_is_gone_through_before_a_picture_comes_again():
    labels = np.repeat([0, 1], [7, 63])
    order = draw(labels, 6, 3)
    small = order[labels[order] == 0]
    assert len(small) == 33
    for start in (0, 7, 14, 21):
        assert set(small[start : start + 7]) == set(range(7))


# === What an epoch holds ===


@pytest.mark.parametrize(
    ("classes", "size", "batch_size", "images_per_class", "expected"),
    [
        (5, 8, 8, 4, {1}),  # K divides 8, and 8 divides 40
        (5, 8, 12, 4, {0, 1}),  # 40 % 12 are left out
        (5, 7, 9, 3, {0, 1, 2}),
        (6, 5, 10, 5, {1}),  # all of a class at once
    ],
)
def test_pictures_of_equal_classes_are_drawn_about_once(
    classes, size, batch_size, images_per_class, expected
):
    labels = np.repeat(np.arange(classes), size)
    for seed in range(20):
        order = draw(labels, batch_size, images_per_class, seed)
        counts = np.bincount(order.ravel(), minlength=len(labels))
        assert set(counts) <= expected


def test_small_classes_come_as_often_as_big_ones():
    labels = np.repeat([0, 1, 2], [4, 16, 40])
    order = draw(labels, 4, 2)
    assert np.bincount(labels[order].ravel()).tolist() == [20, 20, 20]
    counts = np.bincount(order.ravel())
    assert set(counts[:4]) == {5}  # the average class has 20 pictures
    assert set(counts[4:20]) == {1, 2}
    assert set(counts[20:]) == {0, 1}


def test_over_many_epochs_no_picture_is_favoured():
    labels = np.repeat(np.arange(4), 5)
    orders = [draw(labels, 6, 2, 0, epoch) for epoch in range(1000)]
    counts = np.bincount(np.ravel(orders))
    # 18 of 20 pictures an epoch; 55 is four standard deviations
    np.testing.assert_allclose(counts, 900, atol=55)


def test_all_classes_meet_in_batches():
    labels = np.repeat(np.arange(5), 400)
    order = draw(labels, 4, 2)
    pairs = Counter(
        tuple(sorted(pair)) for pair in labels[order][:, ::2].tolist()
    )
    # 500 batches over 10 pairs; 27 is four standard deviations
    np.testing.assert_allclose(list(pairs.values()), 50, atol=27)
    assert len(pairs) == 10


def test_classes_that_were_last_in_a_round_are_anywhere_in_the_next():
    labels = np.repeat(np.arange(5), 4)
    again = 0
    for seed in range(200):
        turns = labels[draw(labels, 6, 2, seed)][:, ::2]
        last_two = turns[1, :2]  # of the five, the first batch had three
        again += np.isin(last_two, turns[2]).all()
    # three of four classes are in the third batch, so both are in half of
    # them; 28 is four standard deviations
    assert abs(again - 100) <= 28


# === Edges ===


def test_a_class_of_one_picture_repeats_it():
    labels = np.array([0, 1, 1, 1, 1, 1])
    for batch in draw(labels, 6, 3):
        assert Counter(labels[batch].tolist()) == {0: 3, 1: 3}
        assert Counter(batch.tolist())[0] == 3


def test_a_batch_may_be_as_large_as_the_data():
    labels = np.repeat([0, 1, 2], 4)
    (batch,) = draw(labels, 12, 4)
    np.testing.assert_array_equal(np.sort(batch), np.arange(12))


def test_fewer_pictures_than_a_batch_are_one_full_batch():
    labels = np.array([0, 0, 0, 1])
    (batch,) = draw(labels, 8, 4)
    assert Counter(labels[batch].tolist()) == {0: 4, 1: 4}
    assert set(batch) == {0, 1, 2, 3}


def test_a_short_epoch_may_leave_classes_out():
    labels = np.repeat(np.arange(9), [1, 1, 1, 1, 1, 1, 1, 1, 4])
    (batch,) = draw(labels, 8, 4)
    assert len(set(labels[batch])) == 2


# === Errors ===


@pytest.mark.parametrize("images_per_class", [1, 0, -2])
def test_rejects_batches_without_pairs(images_per_class):
    with pytest.raises(
        ValueError, match=f"at least 2, .* images_per_class={images_per_class}"
    ):
        draw(np.arange(8) % 4, 4, images_per_class)


@pytest.mark.parametrize(
    ("batch_size", "instead"), [(10, 8), (4, 8), (0, 8), (15, 12)]
)
def test_rejects_batch_sizes_and_suggests_a_valid_one(batch_size, instead):
    labels = np.arange(40) % 5
    with pytest.raises(
        ValueError,
        match="at least twice as large. Take "
        f"for example {instead}. Received: batch_size={batch_size}, ",
    ):
        classes_per_batch(labels, batch_size, 4)
    assert classes_per_batch(labels, instead, 4) == instead // 4


def test_rejects_more_classes_than_there_are():
    labels = np.arange(40) % 5
    with pytest.raises(ValueError, match="at most 20, .* classes=5, batch_siz"):
        classes_per_batch(labels, 24, 4)
    assert classes_per_batch(labels, 20, 4) == 5


@pytest.mark.parametrize("labels", [np.zeros(8, int), np.zeros(0, int)])
def test_rejects_fewer_than_two_classes(labels):
    with pytest.raises(ValueError, match=r"two classes\. Received: classes="):
        draw(labels, 4, 2)


@pytest.mark.parametrize("labels", [np.eye(4), np.zeros((2, 2, 2)), 3])
def test_rejects_what_is_not_one_label_per_picture(labels):
    with pytest.raises(ValueError, match="not one-hot rows. Received: labels"):
        draw(labels, 4, 2)
