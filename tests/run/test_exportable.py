"""A model of any origin, with the pictures its export is proven on."""

import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.export import read_manifest
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.run.description import Description
from kerasfg.run.exportable import exportable


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def own_model(tmp_path, cache):
    """A classifier of the three colours, as a file of plain Keras."""
    images = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(3, "softmax", name="head")(x)
    model = keras.Model(images, x)
    model.get_layer("head").set_weights([30 * np.eye(3), np.zeros(3)])
    model.save(tmp_path / "colours.keras")
    return tmp_path / "colours.keras"


def test_run_says_all_that_was_found_in_training(birds, tmp_path):
    run = RunFolder(shutil.copytree(birds / "helped", tmp_path / "sparrows"))
    taught = run.read_recipe().with_options(teacher=str(tmp_path / "larger"))
    run.recipe.write_text(taught.to_toml())
    loaded = exportable(run.path, verbose=False)
    manifest = run.read_manifest()
    tested = json.loads(run.report.read_text())["test"]
    said = loaded.metadata
    assert said["name"] == "sparrows"
    assert said["temperature"] == manifest["temperature"]
    assert said["threshold"] == manifest["threshold"]
    assert said["prediction_sets"] == manifest["prediction_sets"]
    assert said["accuracy"]["top_1"] == tested["top_1"]
    assert said["confused_with"] == {
        label: others
        for label, others in said["confused_with"].items()
        if set(others) <= set(run.read_class_names()) - {label}
    }
    table = TrainedRun(run.path, verbose=False).read_attributes()
    assert said["class_attributes"] == table.by_class()
    assert said["recipe"]["teacher"]["run"] == "larger"
    assert str(tmp_path) not in json.dumps(said)  # whose machine it was
    fitted = run.read_familiarity()
    np.testing.assert_equal(loaded.familiarity.means, fitted.means)


@pytest.fixture
def take(monkeypatch):
    """A function that puts another one in the place of the export."""

    def take(export):
        monkeypatch.setattr("kerasfg.export.export", export)
        monkeypatch.setattr(  # of files that are not written
            "kerasfg.run.exportable.write_export_card", lambda *_: None
        )

    return take


def test_the_familiarity_of_a_run_is_exported(birds, tmp_path, take):
    run = RunFolder(shutil.copytree(birds / "plain", tmp_path / "run"))
    dim = TrainedRun(run.path, verbose=False).features("val").shape[1]
    arrays = np.ones((dim, 2)), np.zeros(2), np.zeros((1, 2))
    Familiarity(*arrays, -1, 0, 0.5).save(run.familiarity)
    taken = {}
    take(lambda *_, **options: taken.update(options))
    exportable(run.path, verbose=False).export(tmp_path / "out")
    assert taken["familiarity"].offset == 0.5
    run.familiarity.write_bytes(b"PK")
    with pytest.raises(ValueError, match="evaluate the run again. Received"):
        exportable(run.path, verbose=False)


def test_only_test_pictures_prove_it_and_training_pictures_calibrate(
    birds, tmp_path, take
):
    taken = {}

    def export(model, out, images, formats, variants, **options):
        taken.update(options, images=images, variants=variants)

    take(export)
    loaded = exportable(birds / "plain", verbose=False)
    with pytest.warns(UserWarning, match="Only 60 training pictures"):
        loaded.export(tmp_path / "out", variants="all", frame_size=40)
    pixels, splits = loaded.pixels, loaded.splits

    def places(images):
        rows = {x.tobytes(): i for i, x in enumerate(pixels.images)}
        return [rows[x.tobytes()] for x in images]

    rows = places(taken["images"])
    assert rows == np.flatnonzero(splits == "test").tolist()
    assert taken["labels"].tolist() == pixels.labels[rows].tolist()
    calibrated = places(taken["calibration"])
    assert len(set(calibrated)) == len(calibrated) == 60
    assert set(splits[calibrated]) == {"train"}
    assert taken["frame_size"] == 40
    for row, frame in zip(rows, taken["frames"], strict=True):
        original = pixels.read(pixels.names[row])
        np.testing.assert_array_equal(frame, shrink(original, 40))


def test_frames_are_as_large_as_training_pictures(birds, tmp_path, take):
    taken = {}
    take(lambda *_, **given: taken.update(given))
    loaded = exportable(birds / "plain", verbose=False)
    sizes = loaded.pixels.picture_sizes.copy()
    small = loaded.splits == "train"
    for side, wanted in ((1000, 256), (100, 96), (20, 16)):
        sizes[small] = (side, 2 * side)
        pixels = dataclasses.replace(loaded.pixels, picture_sizes=sizes)
        changed = dataclasses.replace(loaded, pixels=pixels)
        changed.export(tmp_path / "out")
        assert taken["frame_size"] == wanted
        assert taken["frames"].shape[1] == wanted
    with pytest.raises(ValueError, match="from the network's 16 to 1024"):
        loaded.export(tmp_path / "out", frame_size=15)


def test_any_keras_file_with_a_folder_of_pictures(
    own_model, picture_folder, tmp_path
):
    description = Description(crop="whole", crop_fraction=0.875)
    loaded = exportable(own_model, picture_folder, description, False)
    report = loaded.export(tmp_path / "out", "tflite")
    manifest = read_manifest(tmp_path / "out")
    assert manifest["name"] == "colours"
    assert (manifest["crop"], manifest["crop_fraction"]) == ("whole", 0.875)
    assert manifest["class_names"] == ["amber", "blue", "coral"]
    assert [row["file"] for row in report.rows] == [
        "model.tflite",
        "model_pixels16.tflite",
    ]
    assert {row["accuracy"] for row in report.rows} == {1}
    assert {row["verdict"] for row in report.rows} == {"passed"}


def test_file_needs_pictures(own_model):
    with pytest.raises(ValueError, match="as `data`,.* Received: data=None"):
        exportable(own_model)


def test_pictures_must_be_of_the_models_classes(
    own_model, picture_folder, birds
):
    (picture_folder / "dune").mkdir()
    shutil.copy(picture_folder / "blue" / "00.png", picture_folder / "dune")
    shutil.copy(picture_folder / "blue" / "01.png", picture_folder / "dune")
    shutil.copy(picture_folder / "blue" / "02.png", picture_folder / "dune")
    with pytest.raises(ValueError, match="3 classes.*Received: 4 folders"):
        exportable(own_model, picture_folder, verbose=False)
    path = birds / "plain" / "model.keras"
    with pytest.raises(ValueError, match="the model's classes: .*Received: am"):
        exportable(path, picture_folder, verbose=False)


@pytest.mark.parametrize("name", ["absent", "absent.keras", "model.h5"])
def test_must_be_a_run_or_a_keras_file(name, tmp_path):
    (tmp_path / "model.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(ValueError, match="run folder or a .keras file"):
        exportable(tmp_path / name)


def test_broken_file_and_lambda_are_refused(tmp_path, picture_folder):
    (tmp_path / "broken.keras").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="this is a text: name the model"):
        exportable(tmp_path / "broken.keras", picture_folder)
    images = keras.Input((16, 16, 3))
    x = keras.layers.Lambda(lambda x: x / 255, output_shape=(16, 16, 3))(images)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(images, keras.layers.Softmax()(x))
    model.save(tmp_path / "lambda.keras")
    with pytest.raises(ValueError, match="lambdas are refused"):
        exportable(tmp_path / "lambda.keras", picture_folder)
