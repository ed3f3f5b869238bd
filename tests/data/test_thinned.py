import numpy as np
import pytest

from kerasfg.data.thinned import thin_classes

LABELS = np.repeat(np.arange(5), 40)
SPLITS = np.array(["train"] * 150 + ["val", "test"] * 25)[
    np.random.default_rng(0).permutation(200)
]


def counts(splits, labels=LABELS):
    return np.bincount(labels[splits == "train"], minlength=labels.max() + 1)


def test_sizes_fall_by_a_constant_factor():
    splits = np.full(200, "train")
    found = counts(thin_classes(splits, LABELS, 16))
    expected = [40, 20, 10, 5]  # and 2.5, rounded up
    assert sorted(found, reverse=True) == [*expected, 3]


def test_other_pictures_stay_as_they_are():
    thinned = thin_classes(SPLITS, LABELS, 16)
    train = SPLITS == "train"
    assert set(thinned[train]) == {"train", "unused"}
    np.testing.assert_array_equal(thinned[~train], SPLITS[~train])


def test_a_largest_class_is_first_and_no_class_gains():
    labels = np.repeat([0, 1, 2, 3], [8, 64, 3, 20])
    splits = np.full(len(labels), "train")
    for seed in range(5):
        found = counts(thin_classes(splits, labels, 8, seed), labels)
        assert found[1] == 64
        assert np.all(found <= np.bincount(labels))
        # The profile of 64, 32, 16, 8, at most what each class has.
        others = sorted(found[[0, 2, 3]])
        assert others[0] == 3 and 8 <= others[1] <= others[2] <= 20


def test_at_least_one_picture_of_each_class_is_kept():
    splits = np.full(200, "train")
    assert counts(thin_classes(splits, LABELS, 1e9)).min() == 1


def test_the_seed_draws_classes_and_pictures():
    splits = np.full(200, "train")
    first, again, other = (
        thin_classes(splits, LABELS, 16, seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert counts(first).tolist() != counts(other).tolist()


@pytest.mark.parametrize("labels", [LABELS, np.zeros(200, int)])
def test_equal_classes_and_a_single_one_stay_whole(labels):
    imbalance = 1 if labels.any() else 8
    thinned = thin_classes(SPLITS, labels, imbalance)
    np.testing.assert_array_equal(thinned, SPLITS)
