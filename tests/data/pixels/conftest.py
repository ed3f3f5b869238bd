"""Pictures, and an empty folder for their cache."""

import pytest

from kerasfg.data import from_folder


@pytest.fixture
def source(picture_folder):
    return from_folder(picture_folder)


@pytest.fixture
def cache_dir(tmp_path):
    return tmp_path / "cache"
