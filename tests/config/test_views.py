"""The options of a recipe that are about views."""

import pytest

from kerasfg.config import Recipe


def test_mixed_shrinking_brings_views():
    assert Recipe().augmentation.view_count == 0
    assert Recipe().with_options(views=4).augmentation.view_count == 4
    mixed = Recipe().with_options(resizers="mixed")
    assert mixed.augmentation.view_count == 16
    assert mixed.with_options(views=3).augmentation.view_count == 3


def test_what_is_as_before_leaves_a_recipe_the_same():
    assert not {"views", "resizers"} & Recipe().identity().keys()
    assert Recipe().with_options(views=1).identity()["views"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"augment_at": 128}, r"leave `augment_at` out.*views=2, augment_at=1"),
        (
            {"train_resolutions": (16, 32)},
            r"leave `train_resolutions` out.*views=2, train_resolutions=\(16",
        ),
        ({"crop_from": 73}, "leave `crop_from` out.*crop_from=73, views=2"),
    ],
)
def test_views_are_not_cut_again(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe().with_options(views=2, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"views": -1}, "views=-1"), ({"resizers": "all"}, "resizers='all'")],
)
def test_rejects_other_values(options, message):
    with pytest.raises(ValueError, match=f"Received: {message}"):
        Recipe().with_options(**options)
