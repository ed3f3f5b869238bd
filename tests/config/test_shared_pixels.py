import dataclasses

import pytest

from kerasfg.config import Recipe
from kerasfg.config import pixels as shared_pixels
from kerasfg.config.pixels import load_shared_pixels


class Follower:
    """Process 1 of two; `told` is what process 0 shares."""

    index, count, is_leader = 1, 2, False

    def __init__(self, told=None):
        self.told = told

    def wait(self, name):
        pass

    def share(self, mine):
        self.told = self.told or mine
        return self.told


@pytest.fixture
def recipe(picture_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    return Recipe().with_options(
        data=str(picture_folder), image_size=8, crop_from=10
    )


def test_all_have_the_same_pictures_and_what_they_are_cut_from(recipe):
    first = Follower()
    found = load_shared_pixels(recipe, first, verbose=False)
    assert found.images.shape == (36, 8, 8, 3)
    assert found.training_images.shape == (36, 10, 10, 3)
    load_shared_pixels(recipe, Follower(first.told), verbose=False)


@pytest.mark.parametrize("field", ["images", "training_images"])
def test_other_pixels_are_an_error(recipe, field, monkeypatch):
    first = Follower()
    found = load_shared_pixels(recipe, first, verbose=False)
    other = dataclasses.replace(found, **{field: 255 - getattr(found, field)})
    monkeypatch.setattr(
        shared_pixels, "load_training_pixels", lambda *given: other
    )
    with pytest.raises(ValueError, match="in process 1 than in process 0"):
        load_shared_pixels(recipe, Follower(first.told), verbose=False)
