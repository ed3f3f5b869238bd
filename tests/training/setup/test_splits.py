"""The split of a training: its own, or that of the teacher it has trained."""

import types

import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.data.splits import write_splits
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.run import RunFolder
from kerasfg.training import train
from kerasfg.training.setup.splits import splits_of_run

NAMES = ("a/1.jpg", "a/2.jpg", "a/3.jpg", "a/new.jpg")


@pytest.fixture
def run(tmp_path):
    """The folder of a training whose own teacher has ended."""
    run = RunFolder(tmp_path / "run")
    run.teacher.mkdir(parents=True)
    splits = ["val", "train", "test"]
    write_splits(RunFolder(run.teacher).splits, NAMES[:3], splits)
    return run


def found(run, names=NAMES, splits=None):
    recipe = Recipe().with_options(teacher=str(run.teacher))
    pixels = types.SimpleNamespace(names=names, splits=splits)
    return splits_of_run(run, pixels, recipe, SINGLE_PROCESS, None).tolist()


def test_a_student_keeps_the_split_of_its_own_teacher(run):
    assert found(run, NAMES[:3]) == ["val", "train", "test"]
    with pytest.warns(UserWarning, match=r"Added: 1 picture \('a/new.jpg'\)"):
        assert found(run) == ["val", "train", "test", ""]
    # One without a split is not new where others have one.
    given = np.array(["val", "train", "test", ""])
    assert found(run, splits=given)[-1] == ""
    with pytest.raises(ValueError, match="1 missing, such as 'a/3.jpg'"):
        found(run, NAMES[:2])


@pytest.mark.usefixtures("small_network")
def test_no_picture_to_validate_on_is_an_error_before_anything_is_made(
    recipe, picture_folder, tmp_path
):
    pictures = sorted(picture_folder.glob("*/*"))
    names = [f"{file.parent.name}/{file.name}" for file in pictures]
    splits = ["train" if file.stem < "02" else "test" for file in pictures]
    write_splits(picture_folder / "splits.csv", names, splits)
    recipe = recipe.with_options(views=2)
    with pytest.raises(
        ValueError, match="pictures to validate on.* 0 in val, 6 in train"
    ):
        train(recipe, tmp_path / "run", verbose=False)
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "cache" / "views").exists()
