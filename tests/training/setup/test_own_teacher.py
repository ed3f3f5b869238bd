"""A training that makes its own teacher, undisturbed and killed."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.config import Recipe
from kerasfg.config import effort
from kerasfg.distributed.processes import Processes
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.setup import own_teacher
from kerasfg.training.setup.part_times import seconds_left
from kerasfg.training.teacher import TeacherRun

pytestmark = pytest.mark.usefixtures("small_network")

EPOCHS = 30
SCRIPT = """
import sys

import small_networks

from kerasfg.config import Recipe, effort
from kerasfg.training import train

small_networks.let_recipes_train_it()
effort.TEACHER |= {"image_size": 16, "epochs": int(sys.argv[4])}
effort.EFFORTS["best"] |= {"views": 2, "epochs": int(sys.argv[4])}
recipe = Recipe.from_toml(sys.argv[1])
train(recipe, sys.argv[2], sys.argv[3] == "resume", verbose=False)
"""


@pytest.fixture
def epochs(monkeypatch):
    """A function that makes teacher and student small, with so many epochs."""

    def set_to(number):
        small = {"image_size": 16, "epochs": number}
        for key, value in small.items():
            monkeypatch.setitem(effort.TEACHER, key, value)
        monkeypatch.setitem(effort.EFFORTS["best"], "epochs", number)
        monkeypatch.setitem(effort.EFFORTS["best"], "views", 2)

    set_to(1)
    return set_to


@pytest.fixture
def best(epochs):
    """A recipe of 8 pixels with the effort `best`."""
    return Recipe().with_options(
        data="field_guide",
        images_per_class=8,
        image_size=8,
        batch_size=16,
        learning_rate=0.05,
        join_copies=False,
        effort="best",
    )


def kill_when(file, recipe, run, how, cache):
    """Kills a training in another process as soon as there is a file."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, recipe, run, how, str(EPOCHS)],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "KERASFG_CACHE": str(cache),
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    while not file.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_killed_in_the_teacher_and_in_the_student_it_ends_as_if_undisturbed(
    best, epochs, tmp_path, monkeypatch, assert_same_weights
):
    epochs(EPOCHS)
    toml, cache = tmp_path / "recipe.toml", tmp_path / "cache_of_the_killed"
    toml.write_text(best.to_toml(whole=False))
    whole, run = tmp_path / "whole", tmp_path / "run"
    kill_when(run / "teacher/checkpoint.npz", toml, run, "new", cache)
    assert not (run / "teacher/model.keras").exists()
    assert Recipe.from_toml(run / "recipe.toml").training.epochs == EPOCHS
    kill_when(run / "checkpoint.npz", toml, run, "resume", cache)
    assert (run / "teacher/kerasfg.json").exists()
    assert not (run / "model.keras").exists()
    monkeypatch.setenv("KERASFG_CACHE", str(cache))
    shutil.move(run, tmp_path / "moved")
    train(None, tmp_path / "moved", resume=True, verbose=False)
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    train(best, whole, verbose=False)
    for part in ("", "teacher"):
        assert_same_weights(whole / part, tmp_path / "moved" / part)
        names = [
            sorted(file.name for file in folder.iterdir())
            for folder in (whole / part, tmp_path / "moved" / part)
        ]
        assert names[0] == names[1]  # nothing is left lying about


@pytest.mark.slow
def test_teaches_by_what_a_network_of_larger_pictures_says(
    best, epochs, tmp_path, capsys
):
    epochs(2)
    report = train(best, tmp_path / "run")
    said = [
        line
        for line in capsys.readouterr().out.splitlines()
        if "of 3" in line or "3 parts" in line or line.startswith("Effort")
    ]
    assert said[0] == (
        "Effort best: a teacher of 16 pixels (2 epochs), 2 views of each "
        "picture, 2 epochs."
    )
    assert said[1].startswith("3 parts, about ")
    for line, again in zip(said[2:5], said[5:], strict=True):
        assert line == f"  {again}" and ", about " in line
    assert "the teacher, 16 px, 2 epochs" in said[2]
    assert "the student, 8 px, 2 epochs" in said[4]
    run, own = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "run/teacher")
    assert run.read_recipe().augmentation.views == 2
    assert own.splits.read_text() == run.splits.read_text()
    teacher = own.read_recipe()
    assert teacher.data.image_size == 16
    assert teacher.training.label_smoothing == 0
    own.check_trained()
    with open(run.history) as file:
        assert "distillation" in file.readline()
    # Its teacher is needed no more.
    shutil.rmtree(own.path)
    shutil.move(run.path, tmp_path / "moved")
    trained = TrainedRun(tmp_path / "moved", verbose=False)
    assert trained.evaluate()["test"]["top_1"] == report["test"]["top_1"]
    again = train(None, tmp_path / "moved", resume=True, verbose=False)
    assert again["test"] == report["test"]


@pytest.mark.slow
def test_goes_on_in_the_views(best, tmp_path, monkeypatch, capsys):
    say, calls = TeacherRun.__call__, []

    def interrupted(self, images):
        calls.append(len(images))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return say(self, images)

    monkeypatch.setattr(TeacherRun, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(best, tmp_path / "run", verbose=False)
    assert (tmp_path / "run/teacher/kerasfg.json").exists()
    model = tmp_path / "run/teacher/model.keras"
    whole = model.read_bytes()
    model.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match="remove the teacher's folder and"):
        train(None, tmp_path / "run", resume=True, verbose=False)
    model.write_bytes(whole)
    calls[:] = [0, 0]
    train(None, tmp_path / "run", resume=True)
    assert len(calls) - 2 == 1  # the part of 32 pictures that was left
    out = capsys.readouterr().out
    assert "1 of 3: the teacher, 16 px, 1 epoch, done" in out
    assert "Effort" not in out
    said = [line for line in out.splitlines() if "of 3:" in line]
    assert "3 parts, about " in out and " left on this machine:" in out
    assert ["about" in line for line in said] == 2 * [False, True, True]


def test_what_is_done_takes_no_time(best, epochs, tmp_path):
    epochs(4)
    recipe = best.with_options(epochs=4)
    run, own = (RunFolder(tmp_path / name) for name in ("run", "teacher"))
    for folder in (run, own):
        folder.path.mkdir()
    whole = {"teacher": 40.0, "views": 8.0, "student": 20.0}

    def left():
        return seconds_left(whole, (run, recipe), (own, recipe))

    assert left() == whole
    own.history.write_text("epoch\n1\n2\n3\n")
    assert left() == {**whole, "teacher": 10}
    own.manifest.touch()
    assert left() == {"views": 8, "student": 20}
    run.begun.touch()
    assert left() == {"student": 20}
    run.history.write_text("epoch\n1\n")
    assert left() == {"student": 15}


def test_pictures_that_are_too_small_have_no_teacher(
    best, tmp_path, monkeypatch, picture_folder, capsys
):
    monkeypatch.setattr(own_teacher, "part_seconds", None)
    recipe = best.with_options(data=str(picture_folder), image_size=16)
    train(recipe, tmp_path / "run")
    out = capsys.readouterr().out
    assert "No teacher is trained, as the pictures are too small" in out
    assert "of at most 20 pixels" in out
    assert not (tmp_path / "run/teacher").exists()
    found = RunFolder(tmp_path / "run").read_recipe()
    assert found.teacher.run == "" and found.augmentation.views == 2
    assert found.training.label_smoothing == 0.1


def test_several_processes_cannot_make_one(best, tmp_path):
    with pytest.raises(
        ValueError, match="cannot make a teacher.*effort='best'"
    ):
        train(best, tmp_path / "run", processes=Processes(0, 2))
    assert not (tmp_path / "run").exists()


def test_mistakes_are_found_before_the_teacher_is_trained(best, tmp_path):
    recipe = best.with_options(attributes=str(tmp_path / "none.csv"))
    with pytest.raises(ValueError, match=r"Received: attributes=.*none\.csv"):
        train(recipe, tmp_path / "run", verbose=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_the_command_line_goes_on_in_the_teacher(best, tmp_path, monkeypatch):
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "on_train_begin", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(best, run, verbose=False)
    assert sorted(f.name for f in run.iterdir()) == ["recipe.toml", "teacher"]
    with pytest.raises(ValueError, match="new or empty.*train --resume"):
        train(best, run, verbose=False)
    with pytest.raises(ValueError, match="must have ended.*train --resume"):
        RunFolder(run).check_trained()
    command = ["train", "--resume", str(run), "--json"]
    result = CliRunner().invoke(kerasfg_cli.app, command)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["test"]["top_1"] >= 0


def _interrupt(self, logs=None):
    raise KeyboardInterrupt


def test_the_times_are_those_of_the_steps(best, monkeypatch):
    from kerasfg.training.setup import part_times

    student = effort.settled(best, "t")
    teacher = effort.teacher_recipe(student, 16)
    each = {8: (1.0, 0.2), 16: (10.0, 3.0)}
    monkeypatch.setattr(
        part_times,
        "_seconds_per_picture",
        lambda recipe, classes, **_: each[recipe.data.image_size],
    )
    monkeypatch.setattr(part_times, "_MORE", 0)
    student = student.with_options(epochs=4, views=2)
    teacher = teacher.with_options(epochs=3)
    found = part_times.part_seconds(student, teacher, 100, 5)
    assert found == {"teacher": 3000, "views": 600, "student": 400}
    alone = student.with_options(views=0)  # the teacher is asked in each step
    found = part_times.part_seconds(alone, teacher, 100, 5)
    assert found["student"] == (1 + 3) * 4 * 100 and found["views"] == 0


@pytest.mark.parametrize(
    ("options", "splits", "expected"),
    [
        ({}, None, 120),
        ({"train_share": 0.5, "val_share": 0.25}, None, 50),
        ({}, {"train": 100, "val": 50, "test": 50}, 100),
        ({}, {"train": 100, "test": 100}, 85),
        ({"folds": 4, "fold": 2, "val_share": 0.2}, None, 120),
        ({"folds": 4, "val_share": 0.2}, {"train": 100, "unused": 100}, 60),
    ],
)
def test_training_pictures_are_those_that_the_split_will_have(
    options, splits, expected
):
    pixels = np.zeros(200).view(Pixels)
    if splits:
        pixels.splits = np.repeat(list(splits), list(splits.values()))
    recipe = Recipe().with_options(**options)
    found = own_teacher.training_pictures(recipe, pixels)
    assert found == pytest.approx(expected)


class Pixels(np.ndarray):
    splits = None


@pytest.mark.slow
def test_a_step_of_both_kinds_is_timed(best):
    from kerasfg.training.setup.part_times import part_seconds

    state = np.random.get_state()[1].tolist()
    policy = keras.config.dtype_policy().name
    teacher = effort.teacher_recipe(best, 16)
    found = part_seconds(best, teacher, 10, 3)
    assert found["teacher"] > 0 and found["student"] > 0
    assert np.random.get_state()[1].tolist() == state
    assert keras.config.dtype_policy().name == policy
