"""A training that takes a second: a small backbone in place of the real."""

import pytest

from kerasfg.training import Recipe


@pytest.fixture
def small_network(monkeypatch, tiny_backbone, tmp_path):
    """Makes every recipe train the tiny backbone, with a cache of its own."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "kerasfg.training.build.backbone",
        lambda name, image_size, **kwargs: tiny_backbone(image_size),
    )


@pytest.fixture
def recipe(picture_folder):
    """A short recipe that uses all that a resume has to restore."""
    return Recipe().with_options(
        data=str(picture_folder),
        image_size=16,
        epochs=4,
        head_epochs=1,
        batch_size=8,
        dropout=0.3,
        learning_rate=0.05,
    )
