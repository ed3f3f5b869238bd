"""Commands that read a folder whose export was killed before its moves."""

import types

import pytest

from kerasfg.export.interrupted_swap import write_plan
from kerasfg.manifest import make_manifest
from kerasfg.manifest import read_manifest
from kerasfg.manifest import write_manifest
from kerasfg.run.given_paths import find_model
from kerasfg.run.trained_run import TrainedRun
from kerasfg_cli.evaluate import _check_clients


@pytest.fixture
def killed(tmp_path):
    """The folder, whose files are whole but hidden."""
    out = tmp_path / "out"
    new = out / ".kerasfg-abc" / "new"
    new.mkdir(parents=True)
    (new / "model.tflite").write_text("a model")
    write_manifest(make_manifest(8, ["a", "b"], {"name": "Birds"}), new)
    write_plan(new.parent, [], [path.name for path in new.iterdir()])
    assert read_manifest(out) is None
    return out


@pytest.mark.parametrize("name", ["", "model.tflite"])
def test_a_prediction_finishes_the_moves(killed, name):
    assert find_model(killed / name) == killed / "model.tflite"


def test_an_evaluation_of_files_finishes_the_moves(killed):
    _check_clients(True, killed)
    assert read_manifest(killed)["name"] == "Birds"


def test_an_evaluation_of_a_run_finishes_the_moves(killed, monkeypatch):
    def tried(model, pixels, splits, exported, verbose):
        return read_manifest(exported)["name"]

    monkeypatch.setattr("kerasfg.run.trained_run.client_table", tried)
    run = types.SimpleNamespace(
        folder=types.SimpleNamespace(export=killed),
        **dict.fromkeys(("model", "pixels", "splits", "verbose")),
    )
    assert TrainedRun.client_table(run) == "Birds"
