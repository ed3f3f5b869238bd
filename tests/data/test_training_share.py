import numpy as np
import pytest

from kerasfg.data.splits import keep_share

LABELS = np.repeat([0, 1, 2], [20, 10, 1])
SPLITS = np.array((["train"] * 3 + ["val", "test"]) * 6 + ["train"])


def kept(share, seed=0):
    return keep_share(SPLITS, LABELS, share, seed) == "train"


@pytest.mark.parametrize(
    ("share", "counts"),
    [
        (1.0, [12, 6, 1]),
        (0.5, [6, 3, 1]),
        (0.25, [3, 2, 1]),  # 1.5 is rounded up
        (0.001, [1, 1, 1]),  # at least one of each
    ],
)
def test_keeps_the_share_of_each_class(share, counts):
    assert np.bincount(LABELS[kept(share)]).tolist() == counts


def test_what_is_left_out_is_unused_and_the_rest_stays():
    found = keep_share(SPLITS, LABELS, 0.5)
    train = SPLITS == "train"
    assert set(found[train]) == {"train", "unused"}
    np.testing.assert_array_equal(found[~train], SPLITS[~train])


def test_smaller_shares_are_among_larger_ones():
    shares = [kept(share) for share in (0.1, 0.25, 0.3, 0.5, 0.8, 1.0)]
    for small, large in zip(shares, shares[1:], strict=False):
        assert np.all(large[small])


def test_the_seed_decides_which():
    np.testing.assert_array_equal(kept(0.5), kept(0.5))
    assert not np.array_equal(kept(0.5), kept(0.5, seed=1))


def test_a_class_does_not_depend_on_the_others():
    alone = keep_share(SPLITS[:20], LABELS[:20], 0.5)
    np.testing.assert_array_equal(alone, keep_share(SPLITS, LABELS, 0.5)[:20])


def test_what_is_unused_already_stays_so():
    splits = ["train", "unused", "test", ""]
    assert keep_share(splits, [0] * 4, 0.5).tolist() == splits
