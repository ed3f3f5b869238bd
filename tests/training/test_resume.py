"""A training that is killed or stopped ends as if undisturbed."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint

pytestmark = pytest.mark.usefixtures("small_network")

SCRIPT = """
import sys

import small_networks

from kerasfg.config import Recipe
from kerasfg.training import train

small_networks.let_recipes_train_it()
train(Recipe.from_toml(sys.argv[1]), sys.argv[2], verbose=False)
"""


def start_and_kill(recipe, run):
    """Kills a training in another process, up to 0.3 s after an epoch."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, recipe, run],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (run / "checkpoint.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    # Another moment each time.
    time.sleep(np.random.default_rng().uniform(0, 0.3))
    assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_killed_training_goes_on_as_if_undisturbed(
    recipe, tmp_path, assert_same_weights
):
    recipe = recipe.with_options(epochs=40, ema=0.8, early_stopping=100)
    (tmp_path / "recipe.toml").write_text(recipe.to_toml())
    whole, run = tmp_path / "whole", tmp_path / "run"
    start_and_kill(tmp_path / "recipe.toml", run)
    assert not (run / "model.keras").exists()
    train(None, run, resume=True, verbose=False)
    train(recipe, whole, verbose=False)
    names = [
        sorted(x.name for x in folder.iterdir()) for folder in (run, whole)
    ]
    assert names[0] == names[1]  # nothing is left lying about
    assert_same_weights(whole, run)


OPTIONS = {
    "adamw": {},
    "sgd by steps": {
        "optimizer": "sgd",
        "schedule": "step",
        "step_epochs": 1,
    },
    "early stopping": {"early_stopping": 2, "epochs": 8},
    "average, early stopping": {"ema": 0.8, "early_stopping": 2},
    "float16": {"mixed_precision": True},
    "bfloat16": {"mixed_precision": True, "mixed_dtype": "bfloat16"},
    "pictures": {
        "crop_from": 20,
        "augment_at": 32,
        "train_resolutions": (8, 16),
        "train_share": 0.5,
        "classes": 2,
    },
    "methods": None,  # those of the fixture
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_resumes_after_any_epoch(
    recipe, methods, tmp_path, monkeypatch, name, assert_same_weights
):
    recipe = recipe.with_options(**(OPTIONS[name] or methods))
    train(recipe, tmp_path / "whole", verbose=False)
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    train_from = {"recipe": recipe, "resume": False}
    monkeypatch.setattr(Checkpoint, "save", save_and_stop)
    epochs = recipe.training.head_epochs + recipe.training.epochs
    for _ in range(epochs):
        try:
            train(out=tmp_path / "run", verbose=False, **train_from)
            break
        except KeyboardInterrupt:
            train_from = {"recipe": None, "resume": True}
    monkeypatch.setattr(Checkpoint, "save", save)
    train(None, tmp_path / "run", resume=True, verbose=False)
    assert_same_weights(tmp_path / "whole", tmp_path / "run")
    histories = [
        (tmp_path / run / "history.csv").read_text().splitlines()
        for run in ("whole", "run")
    ]
    assert len(histories[0]) == len(histories[1])


@pytest.mark.slow
def test_resume_of_an_ended_training_trains_nothing(
    trained, tmp_path, monkeypatch
):
    run = shutil.copytree(trained.run, tmp_path / "run")
    monkeypatch.setattr(Checkpoint, "on_train_begin", _interrupt)
    again = train(None, run, resume=True, verbose=False)
    assert again["test"] == trained.report["test"]


def _interrupt(self, logs=None):
    raise KeyboardInterrupt


def test_a_missing_picture_is_named_on_resume(
    recipe, tmp_path, picture_folder, monkeypatch
):
    monkeypatch.setattr(Checkpoint, "on_train_begin", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "run", verbose=False)
    (picture_folder / "blue" / "03.png").unlink()
    with pytest.raises(ValueError, match=r"1 missing, such as 'blue/03\.png'"):
        train(None, tmp_path / "run", resume=True, verbose=False)


def test_resume_wants_a_run_folder(tmp_path):
    with pytest.raises(ValueError, match=r"recipe\.toml.*Received: run="):
        train(None, tmp_path / "nothing", resume=True)


def interrupt_after_an_epoch(recipe, run, monkeypatch):
    """Begins a training that is interrupted after its first epoch."""
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, run, verbose=False)


@pytest.mark.slow
def test_what_changed_since_the_beginning_is_named_on_resume(
    recipe, tmp_path, picture_folder, monkeypatch
):
    run = tmp_path / "run"
    interrupt_after_an_epoch(recipe, run, monkeypatch)
    toml = (run / "recipe.toml").read_text()
    epochs = recipe.training.epochs
    toml = toml.replace(f"epochs = {epochs}\n", f"epochs = {epochs + 1}\n")
    (run / "recipe.toml").write_text(toml)
    shutil.copy(picture_folder / "blue/03.png", picture_folder / "blue/x.png")
    shutil.copy(picture_folder / "blue/03.png", picture_folder / "blue/04.png")
    with pytest.warns(UserWarning, match="Since the training") as caught:
        train(None, run, resume=True, verbose=False)
    lines = [
        str(warning.message)
        for warning in caught
        if warning.category is UserWarning
    ]
    begin = "Since the training began: "
    assert lines == [
        f"{begin}training.epochs of the recipe was {epochs} and is "
        f"{epochs + 1}: the training goes on with {epochs + 1}.",
        f"{begin}Changed: 1 picture ('blue/04.png'). They are used as they "
        "are now.",
        f"{begin}Added: 1 picture ('blue/x.png'). Only a new training uses "
        "them.",
    ]


def test_a_new_class_is_refused_on_resume(
    recipe, tmp_path, picture_folder, monkeypatch
):
    interrupt_after_an_epoch(recipe, tmp_path / "run", monkeypatch)
    shutil.copytree(picture_folder / "blue", picture_folder / "zinc")
    with pytest.raises(
        ValueError, match=r"classes of the training.*Received: new: 'zinc'"
    ):
        train(None, tmp_path / "run", resume=True, verbose=False)
