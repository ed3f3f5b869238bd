"""`batch_size="auto"`: what is settled, and what is made of it."""

import math

import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.training import train
from kerasfg.training.setup import batch_size
from kerasfg.training.setup.batch_size import bytes_per_picture
from kerasfg.training.setup.batch_size import settled_batch_size

MIB = 2**20


@pytest.fixture
def settled(classifier):
    """A function that settles the options of a recipe."""
    model = classifier()

    def settle(pictures, memory, classes=17, devices=1, **options):
        recipe = Recipe().with_options(batch_size="auto", **options)
        return settled_batch_size(
            recipe,
            model,
            np.arange(pictures) % classes,
            devices,
            verbose=False,
            memory=memory,
        )

    return settle


def test_a_picture_needs_three_times_what_the_layers_give(classifier):
    # The image; scaled; convolved, normalized, activated; the backbone's
    # output is the activation's. Then pooled, kept, three logits and
    # probabilities.
    values = 2 * 16 * 16 * 3 + 3 * 8 * 8 * 8 + 2 * 8 + 2 * 3
    images_again = 16 * 16 * 3  # the input of the whole network
    assert bytes_per_picture(classifier()) == 12 * (values + images_again)


@pytest.mark.parametrize(
    ("pictures", "memory", "options", "expected"),
    [
        (1020, 0, {}, 32),  # no GPU
        (209_000, 0, {}, 32),
        (340, 0, {}, 16),  # 20 steps
        (30, 0, {}, 8),
        (1472, 80_000 * MIB, {}, 64),
        (209_000, 80_000 * MIB, {}, 4096),
        (209_000, 8 * MIB, {}, 64),  # of 48,480 bytes, in 4 MiB
        (209_000, 0.001 * MIB, {}, 8),
        (1472, 80_000 * MIB, {"balanced": 4}, 64),
        (209_000, 80_000 * MIB, {"balanced": 4}, 64),  # 17 classes
        (209_000, 80_000 * MIB, {"balanced": 6}, 96),
        (209_000, 80_000 * MIB, {"devices": 6}, 3072),
        (209_000, 8 * MIB, {"devices": 4}, 256),
        (209_000, 80_000 * MIB, {"balanced": 4, "devices": 3}, 48),
    ],
)
def test_the_size(settled, pictures, memory, options, expected):
    assert settled(pictures, memory, **options)["batch_size"] == expected


def test_the_rates_of_32_pictures_are_those_of_the_recipe(settled):
    values = settled(1020, 0, ema=0.99)
    assert values == {
        "batch_size": 32,
        "learning_rate": 0.002,
        "head_learning_rate": 0.01,
        "ema": 0.99,
    }


@pytest.mark.parametrize(
    ("optimizer", "factor"), [("sgd", 4), ("adamw", 2)], ids=str
)
def test_rates_grow_with_the_batch(settled, optimizer, factor):
    values = settled(
        2560, 80_000 * MIB, optimizer=optimizer, learning_rate=0.01, ema=0.99
    )
    assert values["batch_size"] == 128
    assert values["learning_rate"] == pytest.approx(0.01 * factor)
    usual = Recipe().with_options(optimizer=optimizer).training
    assert values["head_learning_rate"] == pytest.approx(
        usual.of_optimizer("head_learning_rate") * factor
    )
    assert values["ema"] == pytest.approx(0.99**4)


def test_says_what_it_settled(classifier, capsys):
    recipe = Recipe().with_options(batch_size="auto")
    labels = np.arange(2560) % 3
    settled_batch_size(recipe, classifier(), labels, memory=2**36)
    assert capsys.readouterr().out == (
        "Batches of 128 pictures: an epoch then has 20 steps or more. Learning "
        "rate 0.004 (0.002 times the square root of 128 / 32)\n"
    )
    settled_batch_size(recipe, classifier(), labels, memory=0)
    assert capsys.readouterr().out == (
        "Batches of 32 pictures: there is no GPU to fill. Learning rate 0.002 "
        "(as for 32 pictures)\n"
    )


def test_the_first_process_decides(classifier):
    class Second:
        is_leader = False

        def share(self, content):
            return content.replace(b'"batch_size": 32', b'"batch_size": 64')

    recipe = Recipe().with_options(batch_size="auto")
    model, labels = classifier(), np.arange(2560) % 3
    values = settled_batch_size(
        recipe, model, labels, processes=Second(), memory=0
    )
    assert values["batch_size"] == 64


def test_devices_may_want_more_classes_than_there_are(settled):
    with pytest.raises(ValueError, match="needs 16 classes.*=4, 8 classes"):
        settled(1000, 0, classes=8, devices=64, balanced=4)


@pytest.mark.slow
def test_a_training_records_it_and_goes_on_with_it(
    recipe, small_network, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(batch_size, "device_memory", lambda: (2**36, ""))
    recipe = recipe.with_options(
        batch_size="auto", learning_rate=0.01, head_epochs=0, epochs=1
    )
    train(recipe, tmp_path / "run")
    assert (
        "Batches of 8 pictures: the smallest batch, so an epoch has "
        in capsys.readouterr().out
    )
    found = Recipe.from_toml(tmp_path / "run" / "recipe.toml").training
    assert found.batch_size == 8
    factor = math.sqrt(8 / 32) if found.optimizer == "adamw" else 8 / 32
    assert found.learning_rate == pytest.approx(0.01 * factor)


# === In a recipe ===


def test_is_a_word_or_a_number():
    settings = Recipe().with_options(batch_size="auto", balanced=4).training
    assert settings.batch_size == "auto"
    assert Recipe().with_options(batch_size="64").training.batch_size == 64


@pytest.mark.parametrize("value", [0, -1, "many", "1.5", 2.5, "", None])
def test_other_words_are_refused(value):
    message = "`batch_size` must be a whole number of at least 1, or 'auto'"
    with pytest.raises(ValueError, match=message):
        Recipe().with_options(batch_size=value)


def test_true_is_no_number():
    with pytest.raises(ValueError, match="not true or false"):
        Recipe().with_options(batch_size=True)


def test_one_picture_of_a_class_makes_no_pairs():
    with pytest.raises(ValueError, match="balanced=1, batch_size=auto"):
        Recipe().with_options(batch_size="auto", balanced=1)
