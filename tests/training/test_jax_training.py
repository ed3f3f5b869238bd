"""A recipe under JAX, in processes of their own; the rest is TensorFlow's."""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasfg.run import TrainedRun
from kerasfg.training import train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("small_network"),
    pytest.mark.skipif(
        importlib.util.find_spec("jax") is None, reason="JAX is not installed"
    ),
]

SCRIPT = """
import json
import sys
from pathlib import Path

import keras
import numpy as np
import small_networks

from kerasfg.run.predictor import load_predictor
from kerasfg.config import Recipe
from kerasfg.run import TrainedRun
from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint

small_networks.let_recipes_train_it()
assert keras.backend.backend() == "jax"
folder = Path(sys.argv[1])
recipe = Recipe.from_toml(folder / "recipe.toml")
"""
TRAIN_AND_RESUME = """
train(recipe, folder / "whole", verbose=False)
save = Checkpoint.save


def save_and_stop(self):
    save(self)
    if len(self.history) in (1, 3):
        raise KeyboardInterrupt


Checkpoint.save = save_and_stop
for resume in (False, True, True):
    try:
        train(recipe, folder / "run", resume=resume, verbose=False)
    except KeyboardInterrupt:
        continue
Checkpoint.save = save
"""
EVALUATE_AND_PREDICT = """
run = TrainedRun(folder / "run", verbose=False)
report = run.evaluate()
picture = next(Path(recipe.data.path).glob("*/*.png"))
answer = load_predictor(folder / "run").predict(picture)
images = run.pixels.images[:5].astype("float32")
np.save(folder / "probabilities.npy", run.model.predict(images, verbose=0))
(folder / "results.json").write_text(json.dumps([report, answer]))
"""


@pytest.fixture
def under_jax(tmp_path, recipe, run_script):
    """A function that runs a script on `tmp_path`."""
    (tmp_path / "recipe.toml").write_text(recipe.to_toml())

    return lambda script: run_script(SCRIPT + script, backend="jax")


def test_trains_resumes_evaluates_and_predicts(recipe, tmp_path, under_jax):
    under_jax(TRAIN_AND_RESUME + EVALUATE_AND_PREDICT)
    report, answer = json.loads((tmp_path / "results.json").read_text())
    whole, run = (
        keras.saving.load_model(tmp_path / name / "model.keras", compile=False)
        for name in ("whole", "run")
    )
    for mine, theirs in zip(
        whole.get_weights(), run.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    assert answer["class"] in ("amber", "blue", "coral")
    # TensorFlow finds a run folder like its own, and what JAX found.
    train(recipe, tmp_path / "tensorflow", verbose=False)
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == sorted(
        file.name for file in (tmp_path / "tensorflow").iterdir()
    )
    found = TrainedRun(tmp_path / "run", verbose=False)
    images = found.pixels.images[:5].astype("float32")
    np.testing.assert_allclose(
        found.model.predict(images, verbose=0),
        np.load(tmp_path / "probabilities.npy"),
        atol=1e-5,
    )
    assert found.evaluate()["test"]["confusion"] == report["test"]["confusion"]


def test_evaluates_what_tensorflow_has_trained(recipe, tmp_path, under_jax):
    before = train(recipe, tmp_path / "run", verbose=False)
    under_jax(EVALUATE_AND_PREDICT)
    report, _ = json.loads((tmp_path / "results.json").read_text())
    assert report["test"]["confusion"] == before["test"]["confusion"]
    model = keras.saving.load_model(tmp_path / "run" / "model.keras")
    pixels = TrainedRun(tmp_path / "run", verbose=False).pixels
    np.testing.assert_allclose(
        model.predict(pixels.images[:5].astype("float32"), verbose=0),
        np.load(tmp_path / "probabilities.npy"),
        atol=1e-5,
    )


def test_what_jax_has_trained_is_exported_through_tensorflow(
    tmp_path, under_jax
):
    under_jax('train(recipe, folder / "run", verbose=False)')
    command = ["export", tmp_path / "run", "--out", tmp_path / "files"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kerasfg_cli", *command]
        + ["--tflite", "--no-measure"],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "files" / "model.tflite").exists()
