"""Classes of unequal size: what warns of them, and what is done."""

import warnings

import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.losses import ClassWeightedCrossentropy
from kerasfg.losses import LogitAdjustedCrossentropy
from kerasfg.run import TrainedRun
from kerasfg.training import train
from kerasfg.training.unequal_classes import cross_entropy
from kerasfg.training.unequal_classes import warn_of_unequal_classes

NAMES = ["amber", "blue", "coral", "none"]


def settings(**options):
    return Recipe().with_options(**options).training


def test_warning_names_both_classes_and_the_figure():
    message = (
        "'blue' has 50 training pictures, 12.5 times as many as 'coral' with 4"
    )
    with pytest.warns(UserWarning, match=message):
        warn_of_unequal_classes(settings(), [30, 50, 4, 0], NAMES)


@pytest.mark.parametrize(
    ("options", "smallest"),
    [
        ({}, 6),
        ({"class_weights": True}, 4),
        ({"logit_adjustment": 1.0}, 4),
        ({"balanced": 4}, 4),
    ],
    ids=["nine times", "weights", "adjusted", "balanced"],
)
def test_no_warning_where_sizes_are_near_or_something_is_done(
    options, smallest
):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = [30, 54, smallest, 0]
        warn_of_unequal_classes(settings(**options), counts, NAMES)


def test_loss_is_that_of_the_recipe():
    counts = [30, 50, 4, 0]
    plain = cross_entropy(settings(label_smoothing=0.2), counts)
    assert type(plain) is keras.losses.CategoricalCrossentropy
    assert plain.label_smoothing == 0.2
    adjusted = cross_entropy(settings(logit_adjustment=0.5), counts)
    assert isinstance(adjusted, LogitAdjustedCrossentropy)
    assert (adjusted.tau, adjusted.label_smoothing) == (0.5, 0.1)
    weighted = cross_entropy(settings(class_weights=True), counts)
    assert isinstance(weighted, ClassWeightedCrossentropy)
    assert weighted.class_weights == pytest.approx([28 / 30, 0.56, 7, 28])
    assert weighted.label_smoothing == 0.1


@pytest.mark.slow
@pytest.mark.usefixtures("small_network")
def test_counts_are_of_the_thinned_training_pictures(recipe, tmp_path):
    options = {"epochs": 1, "head_epochs": 0, "imbalance": 4}
    recipe = recipe.with_options(**options, logit_adjustment=1)
    train(recipe, tmp_path / "run", verbose=False)
    run = TrainedRun(tmp_path / "run", verbose=False)
    labels = run.pixels.labels[run.splits == "train"]
    counts = np.bincount(labels)
    assert sorted(counts) == [2, 4, 7]  # of 7 each
    model = keras.saving.load_model(tmp_path / "run" / "model.keras")
    assert model.loss.class_counts == tuple(counts)
