"""Batch normalization in short trainings."""

import keras
import pytest
from rich.console import Console

from kerasfg.config import Recipe
from kerasfg.config.effort import SHORT
from kerasfg.training.setup.batch_norm import follow_short_training

MOMENTA = [0.99, 0.8]  # of a network inside another one


def momenta_after(steps_per_epoch, **options):
    inside = keras.Sequential(
        [keras.Input((2,))]
        + [keras.layers.BatchNormalization(momentum=x) for x in MOMENTA]
    )
    images = keras.Input((2,))
    outputs = keras.layers.Dense(1)(inside(images))
    model = keras.Model(images, keras.layers.BatchNormalization()(outputs))
    settings = Recipe().with_options(**options).training
    console = Console(width=200)
    follow_short_training(model, settings, steps_per_epoch, console)
    layers = [*inside.layers, model.layers[-1]]
    return [layer.momentum for layer in layers]


@pytest.mark.parametrize("epochs", [1, 10])
def test_follows_faster_only_where_the_training_is_short(epochs, capsys):
    options = {"batch_norm": "auto", "epochs": epochs}
    steps = SHORT // epochs
    assert momenta_after(steps - 1, **options) == [0.9, 0.8, 0.9]
    said = capsys.readouterr().out
    assert said.startswith(
        "Batch normalization follows faster, by momentum 0.9"
    )
    assert f"{SHORT - epochs} steps are few" in said
    assert momenta_after(steps, **options) == [*MOMENTA, 0.99]
    assert capsys.readouterr().out == ""


def test_a_recipe_leaves_networks_as_they_are():
    assert momenta_after(1, epochs=1) == [*MOMENTA, 0.99]


@pytest.mark.parametrize("effort", ["standard", "best"])
def test_efforts_let_it_follow(effort):
    from kerasfg.config.effort import settled

    recipe = settled(Recipe().with_options(data="a", effort=effort))
    assert recipe.training.batch_norm == "auto"
