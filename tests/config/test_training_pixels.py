"""The larger pictures that those of a training are cut out of."""

import dataclasses

import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config import pixels as training_pixels
from kerasfg.config.pixels import load_training_pixels
from kerasfg.data import from_folder
from kerasfg.data import shrink


@pytest.fixture
def load(picture_folder, tmp_path, monkeypatch):
    """A function from options of a recipe to its pictures."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))

    def load(**options):
        recipe = Recipe().with_options(
            data=str(picture_folder), image_size=8, **options
        )
        return load_training_pixels(recipe, verbose=False)

    return load


def test_by_default_a_training_takes_the_pictures_of_the_network(load):
    found = load()
    assert found.training_images is None
    assert found.images.shape == (36, 8, 8, 3)


@pytest.mark.parametrize(
    ("options", "side", "fraction"),
    [
        ({"crop_from": 10}, 10, 0.8),
        ({"augment_at": 12}, 12, 1),
        ({"crop_from": 10, "augment_at": 12}, 15, 0.8),
        ({"crop_from": 10, "crop": "whole"}, 10, 0.8),
    ],
    ids=str,
)
def test_holds_the_whole_square_beside_its_middle(
    load, picture_folder, options, side, fraction
):
    found = load(**options)
    source = from_folder(picture_folder)
    crop = options.get("crop", "center")
    for index in (0, 20, 35):
        picture = source.read(index)
        np.testing.assert_array_equal(
            found.training_images[index], shrink(picture, side, crop)
        )
        np.testing.assert_array_equal(
            found.images[index], shrink(picture, 8, crop, fraction)
        )
    assert found.crop_fraction == fraction and found.image_size == 8


def test_only_some_classes_at_both_sizes(load):
    found = load(classes=2, augment_at=12)
    assert len(found.images) == len(found.training_images) == 24


def test_a_broken_picture_is_named_once(load, picture_folder):
    (picture_folder / "blue" / "03.png").write_bytes(b"")
    with pytest.warns(UserWarning) as caught:
        found = load(crop_from=10)
    (warning,) = caught
    assert "blue/03.png" in str(warning.message)
    assert len(found) == len(found.training_images) == 35


def test_pictures_must_not_change_meanwhile(load, monkeypatch):
    prepare = training_pixels.prepare

    def lose_one(*arguments, **options):
        found = prepare(*arguments, **options)
        names = found.names[1:] if found.image_size == 10 else found.names
        return dataclasses.replace(found, names=names)

    monkeypatch.setattr(training_pixels, "prepare", lose_one)
    with pytest.raises(ValueError, match="35 pictures at 10 pixels, 36 at 8"):
        load(crop_from=10)
