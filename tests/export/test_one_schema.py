"""A run folder and an export: each is read by the reader of the other."""

import shutil

import pytest

from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.export import bundle
from kerasfg.export import load
from kerasfg.export import phone_app
from kerasfg.export import read_manifest
from kerasfg.export.replaced_files import replaced_files
from kerasfg.export.runtime.file_contents import read_contents
from kerasfg.run import RunFolder
from kerasfg.run.predictor import load_predictor

OPTIONAL = {"variant", "euclidean", "takes", "prediction_sets"}


@pytest.fixture
def run(birds, exported, tmp_path):
    """A run folder that holds an exported file as well."""
    run = shutil.copytree(birds / "plain", tmp_path / "run")
    shutil.copy(exported / "model.tflite", run / "x.tflite")
    return run


def test_a_run_and_an_export_are_read_by_the_same_readers(run, exported):
    trained, made = read_manifest(run), read_manifest(exported)
    assert set(trained) - OPTIONAL == set(made) - OPTIONAL
    assert RunFolder(exported).read_manifest() == made
    assert RunFolder(run).read_manifest() == trained
    assert read_run(run, "run").manifest == trained
    assert (trained["name"], trained["files"]) == ("plain", {})
    sides = trained["image_size"], made["frame_size"]
    for folder, manifest, side in zip(
        (run, exported), (trained, made), sides, strict=True
    ):
        predictor = load_predictor(folder)
        assert predictor.class_names == tuple(manifest["class_names"])
        assert predictor.image_size == side
        assert predictor.temperature == (manifest["temperature"] or 1)
        assert predictor.crop_fraction == manifest["crop_fraction"] == 1


def test_an_exported_file_in_a_run_folder_loads(run):
    assert load(run / "x.tflite").num_classes == 5
    assert read_contents(run / "x.tflite")[1] == "unknown"
    assert load_predictor(run / "x.tflite").image_size == 48


def test_a_run_folder_is_no_export(run, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    with pytest.raises(ValueError, match="that lists its files.* Received: "):
        bundle(run, tmp_path / "app", "x.tflite")
    with pytest.raises(ValueError, match="that lists its files.* Received: "):
        phone_app([run], tmp_path / "phone")
    # or an export would take the run's own report for that of an export before
    with pytest.raises(ValueError, match="but no export .* Received: out="):
        with replaced_files(run):
            pytest.fail("began")
    after = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    assert after == before
