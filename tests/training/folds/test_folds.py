"""Cross-validation: how pictures are divided, and what is left behind."""

import json
import types

import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config.effort import OWN_TEACHER
from kerasfg.config.effort import given_options
from kerasfg.config.effort import settled
from kerasfg.config.pixels import load_pixels
from kerasfg.data.splits import write_splits
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.report.folds import read_folds
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.training import train
from kerasfg.training.folds.fold_splits import fold_splits
from kerasfg.training.folds.train_folds import train_folds
from kerasfg.training.setup.splits import split_of


class Pixels(types.SimpleNamespace):
    def __len__(self):
        return len(self.labels)


def pictures(labels, splits=None):
    labels = np.asarray(labels)
    return Pixels(
        labels=labels,
        splits=splits,
        class_names=[f"class {i}" for i in range(labels.max() + 1)],
        names=[f"{i}.png" for i in range(len(labels))],
    )


def divided(pixels, ids=None, folds=5, seed=0):
    groups = types.SimpleNamespace(ids=ids)
    numbers = range(1, folds + 1)
    return [fold_splits(pixels, groups, folds, i, seed) for i in numbers]


def test_each_picture_is_tested_once_and_each_class_in_each_fold():
    pixels = pictures(np.repeat(np.arange(4), 25))
    found = np.stack(divided(pixels))
    assert ((found == "test").sum(axis=0) == 1).all()
    for splits in found:
        assert np.bincount(pixels.labels[splits == "test"]).tolist() == [5] * 4
        assert np.bincount(pixels.labels[splits == "val"]).tolist() == [3] * 4
    again = np.stack(divided(pixels))
    assert (found == again).all()
    assert (found != np.stack(divided(pixels, seed=1))).any()


def test_groups_keep_to_one_side():
    pixels = pictures(np.repeat(np.arange(3), 30))
    ids = np.arange(90) // 3
    for splits in divided(pixels, ids):
        for group in range(30):
            assert len(set(splits[ids == group])) == 1


def test_given_splits_do_not_count_but_unused_pictures_stay_out():
    given = np.array(["train", "unused", "test", "", "train"] * 8)
    found = np.stack(divided(pictures([0, 1] * 20, given)))
    unused = given == "unused"
    assert (found[:, unused] == "unused").all()
    assert ((found[:, ~unused] == "test").sum(axis=0) == 1).all()


def test_class_of_few_pictures_is_tested_in_some_folds_without_a_warning():
    found = np.stack(divided(pictures([0] * 20 + [1] * 3)))
    assert ((found == "test").sum(axis=0) == 1).all()
    assert (found[:, 20:] == "train").any(axis=1).all()


@pytest.mark.parametrize(
    ("labels", "ids", "message"),
    [
        ([0] * 9 + [1], None, "folds=5, too few in class 1"),
        ([0] * 9 + [1] * 3, [*range(9), 9, 9, 9], "too few in class 1"),
        ([0, 0, 0, 1, 1, 1], None, "folds=5, too few in every class"),
        (
            [0] * 10 + [1] * 10,
            np.arange(20) // 5,
            "folds=5, too few in every class",
        ),
    ],
)
def test_errors_of_splits(labels, ids, message):
    with pytest.raises(ValueError, match=message):
        divided(pictures(labels), None if ids is None else np.array(ids))


@pytest.mark.parametrize("values", [{"folds": 1}, {"folds": 3, "fold": 4}])
def test_errors_of_options(values):
    with pytest.raises(ValueError, match="`folds` must be 0 or at least 2"):
        Recipe().with_options(**values)


@pytest.fixture
def three_folds(picture_folder, tmp_path, monkeypatch):
    """The recipe of three folds, which are not timed, and their folder."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "kerasfg.training.folds.train_folds._seconds_of_one", lambda *_: 1
    )
    run = RunFolder(tmp_path / "out")
    run.path.mkdir()
    return Recipe().with_options(
        data=str(picture_folder), image_size=16, folds=3
    ), run


@pytest.mark.parametrize("teacher", [{}, {"teacher": OWN_TEACHER}])
def test_a_resumed_fold_is_trained_as_the_others(three_folds, teacher):
    recipe, run = three_folds
    recipe = recipe.with_options(effort="best")
    asked = []

    def train_one(recipe, *_, **__):
        asked.append(recipe)
        raise KeyboardInterrupt

    for begun in (recipe.with_options(**teacher), None):
        with pytest.raises(KeyboardInterrupt):
            train_folds(run, begun, begun is None, train_one, verbose=False)
    first, resumed = asked
    assert given_options(resumed) == given_options(first)
    assert resumed.values() == first.values()
    assert settled(resumed).training.epochs == 60


@pytest.mark.parametrize("change", ["new.png", "09.png", "moved"])
def test_no_fold_begins_with_other_pictures_than_those_before(
    three_folds, picture_folder, change
):
    recipe, run = three_folds
    recipe = recipe.with_options(effort="quick")
    begun = []

    def train_one(recipe, path, *_, **__):
        part = RunFolder(path)
        path.mkdir()
        pixels = load_pixels(recipe.data, False)
        write_splits(part.splits, pixels.names, split_of(pixels, recipe))
        part.manifest.touch()
        begun.append(path.name)
        if len(begun) == 2:
            if change == "moved":  # of all names as many as before
                for file in picture_folder.glob("blue/1*"):
                    file.rename(picture_folder / "coral" / f"x{file.name}")
            else:
                source = picture_folder / "blue" / "01.png"
                source.rename(picture_folder / "blue" / change)

    with pytest.raises(ValueError, match="each is tested once.*fold-1, such"):
        train_folds(run, recipe, False, train_one, verbose=False)
    assert begun == ["fold-1", "fold-2"]


def test_a_teacher_that_has_learned_a_picture_fits_no_folds(
    picture_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    teacher = RunFolder(tmp_path / "teacher")
    teacher.path.mkdir()
    write_splits(teacher.splits, ["blue/00.png"], ["train"])
    recipe = Recipe().with_options(
        data=str(picture_folder), folds=3, teacher=str(teacher.path)
    )
    out = tmp_path / "out"
    with pytest.raises(
        ValueError, match=r"leave out `teacher`.*trained on 1 .* 'blue/00\.png'"
    ):
        train(recipe, out, verbose=False)
    assert not (out / "recipe.toml").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("small_network")
def test_folds_are_runs_that_can_be_resumed_and_pooled(
    recipe, tmp_path, capsys, monkeypatch
):
    recipe = recipe.with_options(folds=3, epochs=1, head_epochs=0)
    out = tmp_path / "out"
    monkeypatch.setattr(
        "kerasfg.training.folds.train_folds.TrainedRun", None
    )  # as if it was stopped after the trainings
    with pytest.raises(TypeError):
        train(recipe, out)
    assert "3 trainings, each tested on another part of the 36" in (
        capsys.readouterr().out
    )
    monkeypatch.setattr(
        "kerasfg.training.folds.train_folds.TrainedRun", TrainedRun
    )
    changed = (out / "fold-2" / "model.keras").stat().st_mtime_ns
    report = train(None, out, resume=True)
    assert "Fold 2 of 3: done" in capsys.readouterr().out
    assert (out / "fold-2" / "model.keras").stat().st_mtime_ns == changed
    assert report == read_folds(out / "folds.json")
    assert report == train(None, out, resume=True)
    right = []
    for number, found in enumerate(report["folds"], 1):
        run = RunFolder(out / f"fold-{number}")
        assert run.read_recipe().data.fold == number
        test = json.loads(run.report.read_text())["test"]
        assert found["run"] == f"fold-{number}" and found["n"] == test["n"]
        assert found["top_1"] == test["top_1"]
        right += [1] * round(test["top_1"] * test["n"])
    test = report["test"]
    assert test["n"] == 36 == sum(map(sum, test["confusion"]))
    assert test["top_1"] == pytest.approx(len(right) / 36)
    assert test["top_1_interval"] == pytest.approx(
        share_interval(right + [0] * (36 - len(right)))
    )
    page = (out / "folds.html").read_text("utf-8")
    assert '<a href="#folds">' in page and "together" in page
    with pytest.raises(ValueError, match="such as .*fold-1"):
        RunFolder(out).check_trained()
