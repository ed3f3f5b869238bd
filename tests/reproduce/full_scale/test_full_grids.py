"""The grids of the papers' own scale: their settings, and a dry run."""

import keras
import numpy as np
import pytest

from kerasfg.config.attributes import load_attributes
from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_training_pixels
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.models.backbones import BACKBONES
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.grid import grid_names
from kerasfg.reproduce.plan import plan
from kerasfg.training.fit import _training_batches
from kerasfg.training.optimizers import optimizer
from kerasfg.training.setup.splits import split_of
from kerasfg.training.unequal_classes import class_counts
from kerasfg.training.unequal_classes import cross_entropy

GRIDS = [Grid.find(name, "full") for name in grid_names("full")]
# Others share their trainings with one of these.
OWN = [grid for grid in GRIDS if grid.cells == grid.name and grid.methods]
PAPER1 = [grid for grid in OWN if grid.name.startswith("paper1")]
TRAINED1 = [grid for grid in PAPER1 if "epochs" in str(grid.recipe.to_toml(0))]
PAPER2 = [grid for grid in OWN if grid.name.startswith("paper2")]


def named(grids):
    return [pytest.param(grid, id=grid.name) for grid in grids]


def cells_of(grid):
    """The cells of the first seed, with their recipes."""
    cells = [c for c in plan(grid, {}) if c.seed == grid.seeds[0]]
    assert all(cell.final for cell in cells)  # nothing is tuned
    return [(cell, cell.recipe(grid, "{data}")) for cell in cells]


# === What the papers print ===


@pytest.mark.parametrize("grid", named(OWN))
def test_weights_are_torchvisions(grid):
    for cell, recipe in cells_of(grid):
        model = recipe.model
        assert model.backbone in BACKBONES
        if model.backbone.startswith("resnet"):
            name = model.backbone.replace("_", "")
            assert model.weights == f"hf://timm/{name}.tv_in1k", cell.name
        else:  # KerasHub's own are
            assert recipe.chosen_weights() == "imagenet", cell.name


@pytest.mark.parametrize("grid", named(PAPER1))
def test_paper_1_shrinks_whole_pictures_and_takes_means_of_all(grid):
    updates = set()
    for cell, recipe in cells_of(grid):
        assert recipe.data.crop == "whole"
        assert recipe.data.crop_from == 0
        if grid in TRAINED1 and not cell.euclidean:
            updates.add(recipe.attributes.centroid_update)
            assert recipe.attributes.reduction == "mean"
            step = recipe.training
            assert (step.optimizer, step.learning_rate) == ("sgd", 0.01)
            assert (step.schedule, step.weight_decay) == ("step", 0.01)
            assert step.epochs == 5 * step.step_epochs
            changes = recipe.augmentation
            assert changes.flip
            assert not changes.shift + changes.scale + changes.color
            sizes = {32: 400, 48: 400, 64: 100, 224: 50}
            assert step.batch_size == sizes[recipe.data.image_size]
    if grid in TRAINED1:
        assert "exact" in updates


@pytest.mark.parametrize("grid", named(PAPER2))
def test_paper_2_clips_moves_and_resizes_and_mirrors_nothing(grid):
    for cell, recipe in cells_of(grid):
        changes = recipe.augmentation
        assert not changes.flip
        assert not changes.color
        assert changes.shift > 0
        assert changes.scale > 0
        assert recipe.data.crop_from > recipe.data.image_size
        step = recipe.training
        assert step.epochs + step.head_epochs == 100
        assert (step.step_epochs, step.learning_rate) == (20, 0.01)
        assert step.weight_decay == 0.0001
        is_map = cell.method == "class_variance_map"
        assert recipe.pair_terms.on == ("map" if is_map else "attention")
        if is_map:
            assert recipe.model.attention
            assert recipe.pair_terms.push == "margin"
            assert recipe.pair_terms.weight > 0


# === A dry run ===


@pytest.fixture(scope="module")
def batches(archives):
    """A function: the first batch of a recipe, its class names and labels."""
    known = {}

    def batches(recipe):
        key = recipe.data, recipe.augmentation, recipe.training.batch_size
        if key not in known:
            known.clear()  # pictures of one row at a time
            pixels = load_training_pixels(recipe, verbose=False)
            splits = split_of(pixels, recipe)
            assert {"train", "val", "test"} <= set(splits)
            rows = np.flatnonzero(splits == "train")
            made = _training_batches(
                recipe, pixels, rows, SINGLE_PROCESS, None, None
            )
            batch = next(iter(made.dataset(0, 1)))
            known[key] = batch, pixels, splits, made.steps_per_epoch
        return known[key]

    return batches


def diagonal(grid):
    """The cells in which each row and each method of a grid comes once.

    The tiny network stands for all, so that more would not differ. Each grid
    begins with another method, so that the tables of paper 2, whose rows and
    methods are the same, have other pairs of them.
    """
    cells = cells_of(grid)
    rows = list(dict.fromkeys(cell.row for cell, _ in cells))
    methods = list(dict.fromkeys(cell.method for cell, _ in cells))
    first = OWN.index(grid)
    chosen = {
        (rows[i % len(rows)], methods[(first + i) % len(methods)])
        for i in range(max(len(rows), len(methods)))
    }
    found = [(c, recipe) for c, recipe in cells if (c.row, c.method) in chosen]
    assert {cell.row for cell, _ in found} == set(rows)
    assert {cell.method for cell, _ in found} == set(methods)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("grid", named(OWN))
def test_each_row_and_method_takes_a_step(grid, archives, network, batches):
    place = grid.recipe.data.path.split(":")[0].removesuffix("_halves")
    for cell, named_recipe in diagonal(grid):
        recipe = cell.recipe(grid, archives / place)
        recipe = recipe.with_options(batch_size=8)
        (images, labels), pixels, splits, steps = batches(recipe)
        size = recipe.data.image_size
        assert images.shape == (8, size, size, 3)
        attributes = load_attributes(recipe, pixels.class_names)
        assert (attributes is not None) == bool(named_recipe.attributes.table)
        model = build_model(recipe, pixels.class_names, attributes)
        weights = recipe.chosen_weights()
        assert network.last == (recipe.model.backbone, 32, weights)
        if cell.euclidean:
            assert model.network(images)["features"].shape[0] == 8
            continue
        settings = recipe.training
        model.compile(
            optimizer(settings, steps),
            cross_entropy(settings, class_counts(pixels, splits)),
            run_eagerly=True,
        )
        if model.centroids is not None and model.centroids.update == "exact":
            shape = model.centroids.table.shape
            model.centroids.set_means(np.zeros(shape), np.ones(shape[0]))
        logs = model.train_on_batch(images, labels, return_dict=True)
        assert all(map(np.isfinite, map(float, logs.values()))), cell.name
        is_term = bool(recipe.attributes.table and recipe.attributes.weight)
        assert ("attribute_distance" in logs) == is_term
        assert ("pull" in logs) == bool(recipe.pair_terms.weight)
        keras.backend.clear_session()
