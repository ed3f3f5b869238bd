"""SIGKILL at random moments; the training ends as if undisturbed."""

import subprocess
import sys
import time

import keras
import numpy as np
import pytest

SCRIPT = """
import sys
from pathlib import Path

import keras

import kerasfg.config.model
from kerasfg.config import Recipe
from kerasfg.training import train as train_command


def tiny_backbone(name, image_size, **kwargs):
    images = keras.Input((image_size, image_size, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    return keras.Model(images, x, name="backbone")


kerasfg.config.model.backbone = tiny_backbone
pictures, run = sys.argv[1:]
recipe = Recipe().with_options(
    data=pictures, image_size=16, epochs=80, head_epochs=5, batch_size=8,
    dropout=0.3, ema=0.8, early_stopping=100, learning_rate=0.05,
)
resume = (Path(run) / "recipe.toml").exists()
print("ready", flush=True)
train_command(recipe, run, resume=resume, verbose=False)
"""


def start(tmp_path, pictures, run):
    environment = {"KERASFG_CACHE": str(tmp_path / "cache"), "PATH": ""}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, pictures, tmp_path / run],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()  # all is imported, the training begins
    return process


def finish(process):
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors


def kill_somewhere(process, checkpoint, random):
    """Kills after none to three more epochs, and within two more or 0.5 s.

    Ten of these are at most some 60 of the 85 epochs, however fast the machine.
    """

    def written():
        return checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0

    def pass_epochs(number, seconds=float("inf")):
        end = time.monotonic() + seconds
        for _ in range(number):
            before = written()
            while written() == before and time.monotonic() < end:
                if process.poll() is not None:
                    return
                time.sleep(0.002)

    pass_epochs(random.integers(4))
    pass_epochs(2, seconds=random.uniform(0, 0.5))
    assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_ten_kills_change_nothing(tmp_path, picture_folder):
    finish(start(tmp_path, picture_folder, "whole"))
    random = np.random.default_rng()  # other moments each time
    for _ in range(10):
        process = start(tmp_path, picture_folder, "run")
        kill_somewhere(process, tmp_path / "run" / "checkpoint.npz", random)
    finish(start(tmp_path, picture_folder, "run"))
    files = [
        sorted(file.name for file in (tmp_path / run).iterdir())
        for run in ("whole", "run")
    ]
    assert files[0] == files[1]  # nothing is left lying about
    models = [
        keras.saving.load_model(tmp_path / run / "model.keras", compile=False)
        for run in ("whole", "run")
    ]
    weights = [model.get_weights() for model in models]
    for mine, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
