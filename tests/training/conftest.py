"""A finished training that tests look at, and how to compare two of them."""

import types

import keras
import numpy as np
import pytest


@pytest.fixture(scope="session")
def trained(short_recipe, three_colours, with_small_network, tmp_path_factory):
    """The short recipe trained once; nothing of it is to be changed.

    It has `recipe`, `run` (the folder), `pictures` and `report`.
    """
    from kerasfg.training import train

    folder = tmp_path_factory.mktemp("trained")
    pictures = three_colours(folder / "pictures")
    recipe = short_recipe(pictures)
    with with_small_network(folder / "cache"):
        report = train(recipe, folder / "run", verbose=False)
    return types.SimpleNamespace(
        recipe=recipe, run=folder / "run", pictures=pictures, report=report
    )


@pytest.fixture(scope="session")
def weights_of():
    """A function that gives the weights in a run folder."""

    def weights(run):
        model = keras.saving.load_model(run / "model.keras", compile=False)
        return model.get_weights()

    return weights


@pytest.fixture(scope="session")
def assert_same_weights(weights_of):
    """A function that compares two run folders to the last bit."""

    def compare(run, other):
        pairs = zip(weights_of(run), weights_of(other), strict=True)
        for mine, theirs in pairs:
            np.testing.assert_array_equal(mine, theirs)

    return compare
