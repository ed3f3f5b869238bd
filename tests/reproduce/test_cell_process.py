import subprocess
import sys
import time

import pytest

from kerasfg.config import Recipe
from kerasfg.config.effort import settled
from kerasfg.manifest import read_manifest
from kerasfg.reproduce import cell_process
from kerasfg.reproduce.cell_process import CellProcess
from kerasfg.training.checkpoint import Checkpoint


@pytest.fixture
def recipe(picture_folder, tmp_path, monkeypatch):
    """A recipe that takes long, of a real network, as none can be patched."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    return Recipe().with_options(
        data=str(picture_folder),
        image_size=32,
        backbone="mobilenet_v3_small",
        weights="none",
        output_stride=32,
        batch_size=8,
        epochs=10_000,
    )


def wait_for(condition):
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
def test_fails_in_one_line(recipe, tmp_path):
    process = CellProcess(recipe.with_options(data="absent"), tmp_path / "run")
    reason = process.failure()
    assert "absent', which is missing" in reason
    assert "Traceback" in (tmp_path / "run.log").read_text()
    assert not (tmp_path / "run").exists()


def test_a_failure_whose_log_has_gone_is_one_all_the_same(tmp_path):
    process = CellProcess.__new__(CellProcess)
    process.log = tmp_path / "absent.log"
    process.process = subprocess.Popen(
        [sys.executable, "-c", "raise SystemExit(3)"], stdin=subprocess.PIPE
    )
    assert process.failure() == "its process ended with the exit code 3"


@pytest.mark.slow
def test_a_crash_is_a_failure_and_a_kill_leaves_no_log(recipe, tmp_path):
    process = CellProcess(recipe, tmp_path / "run")
    assert not process.has_ended()
    process.process.kill()
    assert process.failure() == "its process was killed by SIGKILL"
    assert process.has_ended()
    CellProcess(recipe, tmp_path / "run").kill()
    assert not (tmp_path / "run.log").exists()


@pytest.mark.slow
def test_features_are_compared_where_a_rule_is_given(recipe, tmp_path):
    process = CellProcess(recipe, tmp_path / "run", "mean")
    assert process.failure() is None
    assert read_manifest(tmp_path / "run")["euclidean"] == "mean"
    assert not (tmp_path / "run" / "model.keras").exists()
    assert not (tmp_path / "run.log").exists()


@pytest.mark.parametrize(
    "euclidean", [pytest.param("", marks=pytest.mark.slow), "neighbour"]
)
def test_the_other_process_trains_or_compares(
    recipe, small_network, tmp_path, euclidean
):
    short = recipe.with_options(epochs=1).to_toml()
    cell_process._train(short, str(tmp_path / "run"), euclidean)
    files = {file.name for file in (tmp_path / "run").iterdir()}
    assert {"recipe.toml", "report.json", "kerasfg.json"} <= files
    assert ("model.keras" in files) == (not euclidean)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Since the training began. data.path")
@pytest.mark.filterwarnings("ignore:21 of 21 training pictures are no larger")
@pytest.mark.parametrize("effort", ["quick", "standard"])
def test_the_pictures_of_an_interrupted_training_may_have_moved(
    recipe, small_network, picture_folder, tmp_path, monkeypatch, effort
):
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    recipe = recipe.with_options(epochs=2, effort=effort)
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            cell_process._train(recipe.to_toml(False), str(run), "")
    moved = picture_folder.rename(tmp_path / "moved")
    recipe = recipe.with_options(data=str(moved))
    cell_process._train(recipe.to_toml(False), str(run), "")
    assert (run / "kerasfg.json").exists()
    assert Recipe.from_toml(run / "recipe.toml") == settled(recipe)


PARENT = """
import sys
import time
from kerasfg.config import Recipe
from kerasfg.reproduce.cell_process import CellProcess

process = CellProcess(Recipe.from_toml(sys.argv[1]), sys.argv[2])
time.sleep(1000)
"""


@pytest.mark.slow
def test_ends_with_its_parent(recipe, tmp_path):
    (tmp_path / "recipe.toml").write_text(recipe.to_toml())
    arguments = [tmp_path / "recipe.toml", tmp_path / "run"]
    parent = subprocess.Popen([sys.executable, "-P", "-c", PARENT, *arguments])
    checkpoint = tmp_path / "run" / "checkpoint.npz"
    wait_for(checkpoint.exists)
    parent.kill()
    parent.wait()

    def is_still():
        before = checkpoint.stat().st_mtime_ns
        time.sleep(3)  # in which a training makes many epochs
        return checkpoint.stat().st_mtime_ns == before

    wait_for(is_still)
