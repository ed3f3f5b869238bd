"""The kerasfg.json beside a model must be that of the model."""

import json
import shutil

import keras
import numpy as np
import pytest

from kerasfg.export import export
from kerasfg.export import load
from kerasfg.run.description import Description
from kerasfg.run.given_paths import find_model
from kerasfg.run.predictor import load_predictor


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An export of a model that was never trained."""
    images = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(3, activation="softmax")(x)
    noise = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), "uint8")
    out = tmp_path_factory.mktemp("export") / "exported"
    names = ("ash", "beech", "cedar")
    metadata = {"threshold": 0.5}
    export(
        keras.Model(images, x), out, noise, class_names=names, metadata=metadata
    )
    return out


@pytest.fixture
def run(birds, tmp_path):
    return shutil.copytree(birds / "plain", tmp_path / "run")


@pytest.mark.slow
def test_a_run_whose_model_was_removed(run):
    (run / "model.keras").unlink()
    with pytest.raises(ValueError, match="model.keras is missing"):
        load_predictor(run)
    change(run, euclidean="mean")
    with pytest.raises(ValueError, match="compared features and trained"):
        load_predictor(run)


def change(folder, **values):
    path = folder / "kerasfg.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, **values}))
    return manifest


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("class_names", ["a", "b"]),
        ("class_names", ["a", "b", "c", "d", "e"]),
        ("image_size", 48),
    ],
)
def test_of_another_run(run, key, value):
    change(run, **{key: value})
    with pytest.raises(
        ValueError, match=f"must be that of the model.*Received: {key}="
    ):
        load_predictor(run)


@pytest.mark.parametrize("value", [-0.1, 1.5, "high"])
def test_threshold_is_a_share(run, value):
    change(run, threshold=value)
    with pytest.raises(ValueError, match="a number from 0 to 1"):
        load_predictor(run)


@pytest.mark.parametrize(
    ("key", "value"),
    [("crop", "whole"), ("threshold", 0.0), ("temperature", 9.0)],
)
def test_of_another_export(exported, tmp_path, key, value):
    folder = shutil.copytree(exported, tmp_path / "export")
    change(folder, **{key: value})
    for name in ("model.tflite", "model.onnx"):
        if (folder / name).exists():
            with pytest.raises(ValueError, match=f"Received: {key}="):
                load_predictor(folder / name)


def test_a_folder_is_its_recommended_file(exported, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "export")
    manifest = json.loads((folder / "kerasfg.json").read_text())
    for name in manifest["files"]:
        change(folder, recommended=name)
        assert find_model(folder) == folder / name
    change(folder, recommended=None)
    assert find_model(folder).name == "model.tflite"


def test_answers_that_an_exported_file_does_not_use(exported, tmp_path):
    runtime = load(exported / "model.tflite")
    (tmp_path / "own.tflite").touch()
    with pytest.MonkeyPatch.context() as patch:  # a file that names no classes
        patch.setattr("kerasfg.export.runtime.load.load", lambda _: runtime)
        patch.setattr("kerasfg.run.predictor.model_manifest", lambda *_: None)
        for name, value in {"input_range": "0,1", "untrained": True}.items():
            described = Description(labels=("a", "b", "c"), **{name: value})
            with pytest.raises(ValueError, match=f"`{name}` is for a .keras"):
                load_predictor(tmp_path / "own.tflite", None, described)
        described = Description(labels=("a", "b", "c"), crop="whole")
        predictor = load_predictor(tmp_path / "own.tflite", None, described)
        assert predictor.crop == "whole"


def test_labels_of_an_export_are_inside_the_file(exported, tmp_path):
    shutil.copy(exported / "model.tflite", tmp_path / "alone.tflite")
    names = json.loads((exported / "kerasfg.json").read_text())["class_names"]
    predictor = load_predictor(tmp_path / "alone.tflite")
    assert predictor.class_names == tuple(names)
