"""Some files of an export, for an app to carry."""

import json
import shutil

import pytest

from kerasfg.export import bundle
from kerasfg.export import load
from kerasfg.export import read_manifest


@pytest.fixture
def copied(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "exported")


def test_holds_the_model_its_labels_and_what_is_said_of_it(exported, tmp_path):
    manifest = bundle(exported, tmp_path / "app")
    names = sorted(path.name for path in (tmp_path / "app").iterdir())
    assert names == ["kerasfg.json", "labels.txt", "model.tflite"]
    assert manifest == read_manifest(tmp_path / "app")
    whole = read_manifest(exported)
    name = "model.tflite"
    assert manifest == {**whole, "files": {name: whole["files"][name]}}
    assert load(tmp_path / "app" / name).num_classes == 5


def test_takes_the_recommended_file(copied, tmp_path):
    manifest = read_manifest(copied)
    manifest["recommended"] = "model.onnx"
    (copied / "kerasfg.json").write_text(json.dumps(manifest))
    assert list(bundle(copied, tmp_path / "a")["files"]) == ["model.onnx"]
    both = ("model.tflite", "model.onnx")
    assert set(bundle(copied, tmp_path / "b", both)["files"]) == set(both)
    one = bundle(copied, tmp_path / "c", "model.tflite")
    assert one["recommended"] is None


def test_replaces_a_bundle_before(exported, tmp_path):
    bundle(exported, tmp_path, "model.tflite")
    bundle(exported, tmp_path, "model.onnx")
    assert not (tmp_path / "model.tflite").exists()


def test_changed_file_is_refused_and_nothing_written(copied, tmp_path):
    contents = bytearray((copied / "model.tflite").read_bytes())
    contents[len(contents) // 2] ^= 1
    (copied / "model.tflite").write_bytes(contents)
    with pytest.raises(ValueError, match="not the file that was verified"):
        bundle(copied, tmp_path / "app")
    assert not (tmp_path / "app").exists()


def test_rejects_what_is_not_there(copied, tmp_path):
    with pytest.raises(
        ValueError, match="has model.onnx, model.tflite, .* Rec"
    ):
        bundle(copied, tmp_path / "app", ["model_int8.tflite"])
    manifest = read_manifest(copied)
    manifest["refused"] = {"model_int8.tflite": "It lost 3 points."}
    (copied / "kerasfg.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match="was refused: It lost 3 points"):
        bundle(copied, tmp_path / "app", ["model_int8.tflite"])
    with pytest.raises(ValueError, match="folder with a kerasfg.json"):
        bundle(tmp_path, tmp_path / "app")
