"""An export with quantized variants, measurements and a recommendation."""

import base64
import json

import keras
import numpy as np
import pytest

from kerasfg.export import export
from kerasfg.export import load
from kerasfg.export import read_manifest
from kerasfg.export import read_metadata
from kerasfg.export import write_files
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.tflite import convert_tflite


@pytest.fixture(scope="module")
def exported_in_full(
    tiny_classifier, pictures, probabilities, class_names, tmp_path_factory
):
    """All variants, with accuracy and measurements; not to be written to."""
    out = tmp_path_factory.mktemp("export") / "full"
    export(
        tiny_classifier,
        out,
        pictures,
        "tflite",
        "all",
        labels=probabilities.argmax(axis=1),
        calibration=pictures,
        frame_size=40,
        class_names=class_names,
        measure=True,
    )
    return out


@pytest.mark.slow
def test_variants_beside_the_float32_file(exported_in_full, pictures):
    manifest = read_manifest(exported_in_full)
    assert set(manifest["files"]) == {
        f"model{takes}{variant}.tflite"
        for takes in ("", "_pixels16")
        for variant in ("", "_dynamic", "_float16", "_int8", "_mixed")
    }
    for name, entry in manifest["files"].items():
        contents = (exported_in_full / name).read_bytes()
        assert len(contents) == entry["bytes"]
        said = read_metadata(contents)
        assert json.loads(said["files"]["kerasfg.json"])["variant"] in name or (
            entry["variant"] == "float32"
        )
        classifier = load(exported_in_full / name)
        assert classifier.image_size == entry["image_size"]
        own_test = json.loads(said["files"]["kerasfg.json"])["self_test"]
        image = np.frombuffer(base64.b64decode(own_test["image"]), "uint8")
        image = image.reshape(16, 16, 3)
        nearest = np.arange(entry["image_size"]) * 16 // entry["image_size"]
        np.testing.assert_allclose(
            classifier.predict(image[nearest][:, nearest][None])[0],
            own_test["probabilities"],
            atol=1e-5,  # as Keras is another runtime than float32's
        )
        del own_test["image"]
        assert entry["self_test"] == own_test


@pytest.mark.slow
def test_report_tells_of_every_file(exported_in_full):
    report = json.loads((exported_in_full / "report.json").read_text("utf-8"))
    manifest = read_manifest(exported_in_full)
    rows = {row["file"]: row for row in report["files"]}
    assert set(manifest["files"]) < set(rows)
    assert report["recommended"] == manifest["recommended"]
    assert report["recommended"] in manifest["files"]
    assert "pixels" not in report["recommended"]
    for name in manifest["files"]:
        assert rows[name]["accuracy"] is not None
        assert rows[name]["latency_ms"]["1"][0] > 0
    text = (exported_in_full / "report.md").read_text("utf-8")
    assert all(f"| {name} |" in text for name in rows)


def test_a_variant_that_loses_too_much_is_left_out_and_named(
    tiny_classifier, pictures, probabilities, tmp_path, monkeypatch
):
    def another(contents, variant, images):
        return convert_tflite(inference_graph(_other(tiny_classifier)))

    monkeypatch.setattr(write_files, "quantize", another)
    report = export(
        tiny_classifier,
        tmp_path,
        pictures,
        "tflite",
        "dynamic",
        labels=probabilities.argmax(axis=1),
        class_names="abcde",
        frame_size=16,
    )
    assert list(report.refused) == [
        "model_dynamic.tflite",
        "model_pixels16_dynamic.tflite",
    ]
    assert "12 fewer" in report.refused["model_dynamic.tflite"]
    assert not (tmp_path / "model_dynamic.tflite").exists()
    assert read_manifest(tmp_path)["refused"] == report.refused
    assert "12 fewer" in (tmp_path / "report.md").read_text("utf-8")


def test_a_variant_that_cannot_be_made_is_left_out_and_named(
    tiny_classifier, pictures, tmp_path, monkeypatch
):
    def fail(contents, variant, images):
        raise ValueError("The model cannot be made float16: a reason")

    monkeypatch.setattr(write_files, "quantize", fail)
    report = export(
        tiny_classifier,
        tmp_path,
        pictures,
        "tflite",
        "float16",
        class_names="abcde",
    )
    assert list(report.manifest["files"]) == [
        "model.tflite",
        "model_pixels16.tflite",
    ]
    assert report.refused["model_float16.tflite"].endswith("a reason")
    assert "a reason" in (tmp_path / "report.md").read_text("utf-8")


def _other(model):
    """The same network, which takes each class for the next one."""
    copy = keras.models.clone_model(model)
    copy.set_weights(
        [
            np.roll(x, 1, axis=-1) if x.shape[-1] == 5 else x
            for x in model.get_weights()
        ]
    )
    return copy
