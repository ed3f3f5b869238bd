"""Every test of a model begins with the same weights."""

import pytest


@pytest.fixture(autouse=True)
def all_are_seeded(seeded):
    pass
