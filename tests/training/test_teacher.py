"""A trained run teaches a network that gets smaller pictures."""

import csv
import shutil

import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config.model import build_model
from kerasfg.data.splits import read_splits
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.teacher import TeacherRun

pytestmark = pytest.mark.usefixtures("small_network")

UNDER_JAX = """
import sys
from pathlib import Path

import keras
import numpy as np

from kerasfg.config import Recipe
from kerasfg.training.teacher import TeacherRun

assert keras.backend.backend() == "jax"
folder = Path(sys.argv[1])
teacher = TeacherRun(Recipe.from_toml(folder / "recipe.toml"))
np.save(folder / "said.npy", teacher(np.load(folder / "images.npy")))
"""


@pytest.fixture
def teacher(birds, tmp_path):
    """A run at 16 pixels, to be changed or lost."""
    return shutil.copytree(birds / "plain", tmp_path / "teacher")


@pytest.fixture
def student(teacher):
    """A recipe of 8 pixels, for the same drawings."""
    return Recipe().with_options(
        data="field_guide",
        images_per_class=8,
        image_size=8,
        epochs=2,
        batch_size=16,
        learning_rate=0.05,
        teacher=str(teacher),
    )


def history(run):
    with open(run / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_says_the_logits_of_its_network(student, teacher, rng):
    images = rng.integers(0, 256, (5, 16, 16, 3)).astype("float32")
    model = keras.saving.load_model(teacher / "model.keras", compile=False)
    expected = model.network(images, training=False)["logits"]
    found = TeacherRun(student)(images)
    assert found.dtype == "float32" and found.shape == (5, 12)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_student_needs_its_teacher_only_to_learn(student, teacher, tmp_path):
    run = tmp_path / "run"
    report = train(student, run, verbose=False)
    assert all(float(row["distillation"]) > 0 for row in history(run))
    assert "val_distillation" not in history(run)[0]
    files = [{f.name for f in folder.iterdir()} for folder in (run, teacher)]
    assert files[0] == files[1]
    assert Recipe.from_toml(run / "recipe.toml") == student
    shutil.rmtree(teacher)
    trained = TrainedRun(run, verbose=False)
    assert trained.model.input_shape == (None, 8, 8, 3)
    alone = build_model(
        student.with_options(teacher=""), trained.pixels.class_names
    )
    assert len(trained.model.weights) == len(alone.weights)
    assert trained.evaluate()["test"]["top_1"] == report["test"]["top_1"]


@pytest.mark.slow
def test_teacher_and_student_see_the_same_pictures(
    student, tmp_path, monkeypatch
):
    seen, given = [], []
    say = TeacherRun.__call__

    def remember(self, images):
        seen.append(images)
        return say(self, images)

    fit = keras.Model.fit

    def look(self, dataset, *arguments, **kwargs):
        batches = kwargs["callbacks"][0].batches
        given.extend(batches.batch(0, step) for step in range(60 // 16))
        seen[:] = seen[-len(given) :]
        return fit(self, dataset, *arguments, **kwargs)

    monkeypatch.setattr(TeacherRun, "__call__", remember)
    monkeypatch.setattr(keras.Model, "fit", look)
    train(student.with_options(epochs=1), tmp_path / "run", verbose=False)
    assert len(given) == 60 // 16 < len(seen)
    teacher = TeacherRun(student)
    for larger, (images, y) in zip(seen, given, strict=False):
        assert larger.shape == (16, 16, 16, 3) and larger.dtype == "float32"
        assert images.shape == (16, 8, 8, 3)
        small = larger.reshape(16, 8, 2, 8, 2, 3).mean(axis=(2, 4))
        assert np.corrcoef(small.ravel(), images.ravel())[0, 1] > 0.9
        np.testing.assert_allclose(
            y["teacher_logits"], say(teacher, larger), rtol=1e-5, atol=1e-6
        )


@pytest.mark.slow
def test_says_the_same_under_jax(student, tmp_path, rng, run_script):
    (tmp_path / "recipe.toml").write_text(student.to_toml())
    images = rng.integers(0, 256, (5, 16, 16, 3)).astype("float32")
    np.save(tmp_path / "images.npy", images)
    run_script(UNDER_JAX, backend="jax")
    np.testing.assert_allclose(
        np.load(tmp_path / "said.npy"),
        TeacherRun(student)(images),
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_recipe_reaches_the_model(student):
    taught = student.with_options(teacher_weight=0.2, teacher_temperature=5)
    model = build_model(taught, [f"bird {i}" for i in range(12)])
    assert model.distillation.temperature == 5
    assert model.distillation_weight == 0.2
    alone = student.with_options(teacher="")
    assert build_model(alone, ["a", "b"]).distillation is None


ALL = {
    "attributes": "field_guide",
    "attribute_weight": 0.1,
    "centroid_update": "exact",
    "class_variance": 0.1,
    "balanced": 4,
    "ema": 0.8,
    "head_epochs": 1,
    "dropout": 0.3,
    "crop_from": 10,
    "train_resolutions": (4, 8),
}


@pytest.mark.slow
def test_resumes_after_any_epoch(
    student, tmp_path, monkeypatch, assert_same_weights
):
    recipe = student.with_options(**ALL)
    train(recipe, tmp_path / "whole", verbose=False)
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    epochs = recipe.training.head_epochs + recipe.training.epochs
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_and_stop)
        for epoch in range(epochs):
            with pytest.raises(KeyboardInterrupt):
                train(recipe, tmp_path / "run", resume=epoch > 0, verbose=False)
    train(None, tmp_path / "run", resume=True, verbose=False)
    assert_same_weights(tmp_path / "whole", tmp_path / "run")
    terms = [
        [float(row["distillation"]) for row in history(tmp_path / run)]
        for run in ("whole", "run")
    ]
    assert terms[0] == terms[1] and len(terms[0]) == epochs


@pytest.mark.slow
def test_the_recipe_of_a_run_finds_its_teacher_from_anywhere(
    student, teacher, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    student = student.with_options(teacher="teacher", epochs=1)
    train(student, tmp_path / "run", verbose=False)
    assert RunFolder("run").read_recipe().teacher.run == str(teacher)


@pytest.mark.slow
def test_a_teacher_may_see_pictures_of_the_students_size(student, tmp_path):
    student = student.with_options(image_size=16, epochs=1)
    train(student, tmp_path / "run", verbose=False)
    assert float(history(tmp_path / "run")[0]["distillation"]) > 0


# === Errors ===


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"teacher": "nowhere"},
            r"recipe\.toml.*Received: teacher='.*nowhere'",
        ),
        ({"image_size": 17}, "of 16 pixels, image_size=17"),
        ({"crop": "whole"}, "same crop.*crop='center', and crop='whole'"),
        ({"augment_at": 24}, "leave `augment_at` out.*augment_at=24"),
        (
            {"image_size": 12, "crop_from": 13},
            "size does not fit.*crop_from=13, augment_at=16, image_size=12",
        ),
        ({"classes": 6}, "have the student's classes.*Received: teacher="),
        ({"seed": 1}, r"validated or tested on.*trained on \d+ of these"),
    ],
    ids=["no run", "size", "crop", "augment", "cut", "classes", "seed"],
)
def test_nothing_is_written_if_the_teacher_does_not_do(
    student, tmp_path, options, message
):
    with pytest.raises(ValueError, match=message):
        train(student.with_options(**options), tmp_path / "run", verbose=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_picture_that_the_teacher_left_out_is_no_leak(
    student, teacher, tmp_path
):
    splits = read_splits(teacher / "splits.csv")
    held_out = [name for name in splits if splits[name] != "train"]
    text = (teacher / "splits.csv").read_text()
    changed = text.replace(f"{held_out[0]},", f"{held_out[0]}x,")
    (teacher / "splits.csv").write_text(changed)
    train(student.with_options(epochs=1), tmp_path / "a", verbose=False)
    changed = text.replace(
        f"{held_out[0]},{splits[held_out[0]]}", f"{held_out[0]},train"
    )
    (teacher / "splits.csv").write_text(changed)
    message = f"trained on 1 of these pictures, such as '{held_out[0]}'"
    with pytest.raises(ValueError, match=message):
        train(student, tmp_path / "b", verbose=False)


def test_a_teacher_has_finished_its_training(student, teacher, tmp_path):
    (teacher / "kerasfg.json").unlink()
    (teacher / "model.keras").unlink()
    with pytest.raises(ValueError, match="--resume .*Received: teacher="):
        train(student, tmp_path / "run", verbose=False)


def test_all_processes_have_the_same_teacher(student):
    class OtherThanTheFirst:
        index = 1

        def share(self, content):
            return b"what process 0 has"

    with pytest.raises(ValueError, match="process 1 and process 0"):
        TeacherRun(student, OtherThanTheFirst())
