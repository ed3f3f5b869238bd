"""A training on stored views, with and without a teacher."""

import csv
import shutil
import sys

import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config.pixels import load_pixels
from kerasfg.config.views import load_shared_views
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.distributed.processes import Processes
from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.teacher import TeacherRun

pytestmark = pytest.mark.usefixtures("small_network")


@pytest.fixture
def teacher(birds, tmp_path):
    """A run at 16 pixels, to be changed or lost."""
    return shutil.copytree(birds / "plain", tmp_path / "teacher")


@pytest.fixture
def student(teacher, monkeypatch, tmp_path):
    """A recipe of 8 pixels, for the same drawings, with a cache of its own."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    return Recipe().with_options(
        data="field_guide",
        images_per_class=8,
        image_size=8,
        epochs=2,
        batch_size=16,
        learning_rate=0.05,
        join_copies=False,
        views=3,
        teacher=str(teacher),
    )


class Stop(Exception):
    """Raised in place of the training."""


@pytest.fixture
def begun(monkeypatch):
    """A function: the splits and the views that a recipe would train on."""

    def begun(recipe, run):
        found = []

        def fit(model, recipe, pixels, splits, run, verbose, _, teacher, views):
            assert teacher is None
            found.extend([splits, views])
            raise Stop

        with monkeypatch.context() as patch:
            # Not by its path: the package has a function of its name.
            patch.setattr(sys.modules["kerasfg.training.train"], "fit", fit)
            with pytest.raises(Stop):
                train(recipe, run, verbose=False)
        return found

    return begun


@pytest.mark.slow
def test_a_teacher_is_asked_once_about_each_view(
    student, tmp_path, begun, monkeypatch
):
    train(student, tmp_path / "run", verbose=False)
    with open(tmp_path / "run" / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(float(row["distillation"]) > 0 for row in rows)
    assert "val_distillation" not in rows[0]

    def fail(*arguments):
        raise AssertionError("a picture is read or the teacher loaded")

    monkeypatch.setattr(TeacherRun, "network", property(fail))
    monkeypatch.setattr("kerasfg.config.views.read_source", fail)
    _, views = begun(student, tmp_path / "again")
    assert views.from_cache
    assert views.images.shape == (60 * 3, 8, 8, 3)
    assert views.logits.shape == (60 * 3, 12)


def test_stored_logits_are_what_the_teacher_says_of_the_view(student):
    pixels = load_pixels(student.data)
    rows = np.arange(7)
    asked = TeacherRun(student)
    seen = []

    class Noting:
        image_size, classes, digest = 16, asked.classes, asked.digest

        def __call__(self, images):
            seen.append(images)
            return asked(images)

    views = load_shared_views(
        student, pixels, rows, Processes(), Noting(), verbose=False
    )
    images = np.concatenate(seen)[: 7 * 3]
    model = keras.saving.load_model(asked.folder.model, compile=False)
    said = model.network(images, training=False)["logits"]
    np.testing.assert_allclose(views.logits, said, rtol=2e-3, atol=2e-3)
    small = images.reshape(21, 8, 2, 8, 2, 3).mean(axis=(2, 4))
    assert np.corrcoef(small.ravel(), views.images.ravel())[0, 1] > 0.95


ALL = {
    "class_variance": 0.1,
    "balanced": 4,
    "ema": 0.8,
    "head_epochs": 1,
    "dropout": 0.3,
    "resizers": "mixed",
    "train_share": 0.8,
    "label_smoothing": 0.1,
    "attributes": "field_guide",
    "attribute_weight": 0.1,
    "centroid_update": "exact",
}


@pytest.mark.slow
def test_resumes_after_any_epoch(
    student, tmp_path, monkeypatch, assert_same_weights
):
    recipe = student.with_options(**ALL)
    train(recipe, tmp_path / "whole", verbose=False)
    shutil.rmtree(tmp_path / "cache" / "views")
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_and_stop)
        for epoch in range(3):
            with pytest.raises(KeyboardInterrupt):
                train(recipe, tmp_path / "run", resume=epoch > 0, verbose=False)
    train(None, tmp_path / "run", resume=True, verbose=False)
    assert_same_weights(tmp_path / "whole", tmp_path / "run")


@pytest.mark.parametrize(
    "options",
    [
        {"imbalance": 3.0, "class_weights": True},
        {"train_share": 0.5, "balanced": 4, "classes": 6},
    ],
)
def test_only_training_pictures_have_views(student, tmp_path, begun, options):
    recipe = student.with_options(teacher="", views=2, **options)
    splits, views = begun(recipe, tmp_path / "run")
    count = np.count_nonzero(splits == "train")
    assert 0 < count < 60 and len(views.images) == 2 * count


@pytest.mark.filterwarnings("ignore:By out.txt")
def test_pictures_that_are_left_out_have_no_views(
    recipe, picture_folder, tmp_path, begun
):
    left_out = tmp_path / "out.txt"
    left_out.write_text("blue/03.png\nblue/04.png\n")
    recipe = recipe.with_options(views=2, leave_out=str(left_out))
    splits, views = begun(recipe, tmp_path / "run")
    assert len(splits) == 34
    assert len(views.images) == 2 * np.count_nonzero(splits == "train")


def test_another_process_takes_them_from_the_cache(student, monkeypatch):
    pixels = load_pixels(student.data)
    given = student, pixels, np.arange(5)

    class Second(Processes):
        def wait(self, name):
            assert name == "views"
            load_shared_views(*given, Processes(), verbose=False)

    views = load_shared_views(*given, Second(1, 2), verbose=False)
    assert views.from_cache


def test_small_pictures_are_told(recipe, picture_folder):
    recipe = recipe.with_options(views=1, image_size=20)
    pixels = load_pixels(recipe.data)
    with pytest.warns(UserWarning, match="5 of 5 training pictures are no"):
        load_shared_views(recipe, pixels, np.arange(5), Processes())


def test_pictures_must_not_change_meanwhile(recipe, picture_folder):
    recipe = recipe.with_options(views=1)
    pixels = load_pixels(recipe.data)
    shutil.copy(picture_folder / "blue/01.png", picture_folder / "blue/02.png")
    with pytest.raises(ValueError, match="1 changed .*such as 'blue/02.png'"):
        load_shared_views(recipe, pixels, np.arange(36), Processes())


# === Both backends ===

UNDER_JAX = """
import sys
from pathlib import Path

import numpy as np

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.views.stored import Views
from kerasfg.training.device_steps import DeviceSteps
from kerasfg.training.device_steps import can_make_batches

folder = Path(sys.argv[1])
given = np.load(folder / "views.npz")
views = Views(given["images"], given["logits"], 4)
batches = TrainingBatches(
    views.images, given["labels"], 8, 3, Augmentation(True, 0, 0, 0),
    rows=given["rows"], views=views,
)
assert can_make_batches(batches)
steps = DeviceSteps(batches.dataset(0, 2))
made = {}
for name, pixels in [("device", steps.pixels), ("host", None)]:
    steps.pixels = pixels
    images, targets = steps._made(pixels, steps._drawn(1, 1))
    made[name] = images
    made |= {f"{name}_{key}": value for key, value in targets.items()}
np.savez(folder / "made.npz", **made)
"""


@pytest.mark.slow
def test_batches_of_views_are_the_same_under_jax(rng, tmp_path, run_script):
    from kerasfg.data.batches.augmentation import Augmentation
    from kerasfg.data.views.stored import Views

    rows = np.arange(3, 40, 2)
    images = rng.integers(0, 256, (len(rows) * 4, 6, 6, 3), dtype="uint8")
    logits = rng.normal(size=(len(images), 3)).astype("float16")
    labels = np.arange(40) % 3
    np.savez(
        tmp_path / "views.npz",
        images=images,
        logits=logits,
        labels=labels,
        rows=rows,
    )
    run_script(UNDER_JAX, backend="jax")
    made = np.load(tmp_path / "made.npz")
    batches = TrainingBatches(
        images,
        labels,
        8,
        3,
        Augmentation(True, 0, 0, 0),
        rows=rows,
        views=Views(images, logits, 4),
    )
    expected, targets = batches.batch(1, 1)
    for name in ("device", "host"):
        np.testing.assert_allclose(made[name], expected, atol=1e-4)
        for key, values in targets.items():
            np.testing.assert_array_equal(made[f"{name}_{key}"], values)
