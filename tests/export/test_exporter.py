"""The folder of an export: all of it, or the one before."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasfg.export import VerificationError
from kerasfg.export import export
from kerasfg.export import folder
from kerasfg.export import load
from kerasfg.export import read_manifest
from kerasfg.export import read_metadata
from kerasfg.export import write_files
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx_metadata import read_onnx_metadata
from kerasfg.export.tflite import convert_tflite


def _contents(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def previous(exported, tmp_path):
    """A copy of an export that may be written to."""
    return shutil.copytree(exported, tmp_path / "out")


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
        camera=40,
        class_names=class_names,
        measure=True,
    )
    return out


@pytest.fixture
def broken_tflite(monkeypatch):
    """Conversion to TFLite that gives a file which differs from Keras."""
    convert = write_files.CONVERTERS["tflite"]

    def spoiled(graph):
        kernel = next(w for w in graph.model.weights if w.shape == (8, 5))
        weights = kernel.numpy()
        kernel.assign(-weights)
        try:
            return convert(graph)
        finally:
            kernel.assign(weights)

    monkeypatch.setitem(write_files.CONVERTERS, "tflite", spoiled)


def test_folder_holds_models_labels_and_manifest(exported, class_names):
    assert sorted(_contents(exported)) == [
        "kerasfg.json",
        "labels.txt",
        "model.onnx",
        "model.tflite",
        "report.json",
        "report.md",
    ]
    labels = (exported / "labels.txt").read_text("utf-8")
    assert tuple(labels.splitlines()) == class_names


def test_manifest(exported, class_names):
    manifest = json.loads((exported / "kerasfg.json").read_text("utf-8"))
    assert manifest == read_manifest(exported)
    files, versions = manifest.pop("files"), manifest.pop("versions")
    image = base64.b64decode(manifest.pop("self_test")["image"])
    assert len(image) == 16 * 16 * 3
    assert manifest.pop("name").startswith("functional")
    assert manifest == {
        "format": 2,
        "image_size": 16,
        "crop": "center",
        "filter": "bicubic",
        "class_names": list(class_names),
        "temperature": None,
        "threshold": None,
        "class_attributes": None,
        "accuracy": None,
        "recipe": None,
        "refused": {},
        "recommended": None,
        **dict.fromkeys(("description", "author", "license", "version"), ""),
    }
    for name in ("model.onnx", "model.tflite"):
        contents = (exported / name).read_bytes()
        entry = files.pop(name)
        assert entry["sha256"] == hashlib.sha256(contents).hexdigest()
        assert entry["bytes"] == len(contents)
        assert entry["format"] == name.removeprefix("model.")
        assert entry["variant"] == "float32"
        assert entry["max_difference"] < 1e-5
        assert entry["top_1_agreement"] == 1
        assert entry["operators"] == sorted(entry["operators"])
    assert not files
    assert versions["keras"] == keras.__version__
    assert {"ai-edge-litert", "onnxruntime", "tensorflow"} <= set(versions)


def test_files_pass_their_own_self_test(exported, suffix):
    manifest = read_manifest(exported)
    image = base64.b64decode(manifest["self_test"]["image"])
    image = np.frombuffer(image, "uint8").reshape(1, 16, 16, 3)
    answer = manifest["files"][f"model.{suffix}"]["self_test"]
    given = load(exported / f"model.{suffix}").predict(image)[0]
    assert answer["tolerance"] == 1e-4
    np.testing.assert_allclose(given, answer["probabilities"], atol=1e-5)
    # Weights of another network do not pass.
    assert np.ptp(answer["probabilities"]) < 0.9


def test_what_a_file_says_of_itself(exported, class_names):
    manifest = read_manifest(exported)
    answer = manifest["files"]["model.tflite"]["self_test"]
    inside = read_metadata((exported / "model.tflite").read_bytes())
    assert inside["class_names"] == class_names
    card = json.loads(inside["files"]["kerasfg.json"])
    assert card["self_test"] == {**manifest["self_test"], **answer}
    assert (card["variant"], card["image_size"]) == ("float32", 16)
    said = read_onnx_metadata((exported / "model.onnx").read_bytes())
    assert json.loads(said["class_names"]) == list(class_names)
    assert json.loads(said["kerasfg.json"])["versions"] == manifest["versions"]


def test_metadata_travels_along(tiny_classifier, pictures, tmp_path):
    given = {
        "crop": "whole",
        "crop_fraction": 0.875,
        "temperature": 1.5,
        "threshold": 0.6,
        "recipe": {"epochs": 3},
    }
    returned = export(
        tiny_classifier,
        tmp_path,
        pictures,
        formats=["onnx"],
        class_names="abcde",
        metadata=given,
    )
    manifest = read_manifest(tmp_path)
    assert manifest == returned.manifest
    assert given.items() <= manifest.items()
    assert list(manifest["files"]) == ["model.onnx"]


def test_model_that_knows_its_classes(make_classifier, pictures, tmp_path):
    model = make_classifier()
    model.class_names = ("v", "w", "x", "y", "z")
    export(model, tmp_path, pictures, formats="tflite")
    assert (tmp_path / "labels.txt").read_text() == "v\nw\nx\ny\nz\n"


def test_same_model_gives_the_same_folder(
    tiny_classifier, pictures, exported, previous, class_names
):
    export(tiny_classifier, previous, pictures, class_names=class_names)
    assert _contents(previous) == _contents(exported)


def test_files_of_other_formats_go_and_the_users_stay(
    tiny_classifier, pictures, previous, class_names
):
    (previous / "notes").mkdir()
    (previous / "notes" / "mine.txt").write_text("mine")
    export(
        tiny_classifier,
        previous,
        pictures,
        formats=["onnx"],
        class_names=class_names,
    )
    assert sorted(_contents(previous)) == [
        "kerasfg.json",
        "labels.txt",
        "model.onnx",
        "notes/mine.txt",
        "report.json",
        "report.md",
    ]


def test_differing_file_fails_and_leaves_the_previous_export(
    broken_tflite, tiny_classifier, pictures, previous, class_names
):
    before = _contents(previous)
    with pytest.raises(
        VerificationError, match=r"model\.tflite does not .*differs by \d"
    ):
        export(tiny_classifier, previous, pictures, class_names=class_names)
    assert _contents(previous) == before


def test_failed_first_export_leaves_nothing(
    broken_tflite, tiny_classifier, pictures, tmp_path
):
    with pytest.raises(VerificationError):
        export(tiny_classifier, tmp_path / "new", pictures, class_names="abcde")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_interrupted_conversion_leaves_the_previous_export(
    error, tiny_classifier, pictures, previous, monkeypatch
):
    def interrupted(graph):
        raise error

    before = _contents(previous)
    monkeypatch.setitem(write_files.CONVERTERS, "onnx", interrupted)
    with pytest.raises(error):
        export(tiny_classifier, previous, pictures, class_names="abcde")
    assert _contents(previous) == before


@pytest.mark.parametrize("nth", range(9))
def test_interrupted_renaming_leaves_the_previous_export(
    nth, previous, monkeypatch
):
    rename, calls = folder.os.rename, []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == nth + 1:
            raise KeyboardInterrupt
        rename(source, target)

    before = _contents(previous)
    monkeypatch.setattr(folder.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        with folder.replaced_files(previous) as written:
            for name in ("model.tflite", "labels.txt", "kerasfg.json"):
                (written / name).write_text("new")
        pytest.fail("renamed less often")
    assert _contents(previous) == before


def test_folder_with_other_files_is_refused(
    tiny_classifier, pictures, tmp_path
):
    (tmp_path / "model.tflite").write_text("mine")
    with pytest.raises(ValueError, match="holds files, but no export"):
        export(tiny_classifier, tmp_path, pictures, class_names="abcde")
    assert _contents(tmp_path) == {"model.tflite": b"mine"}


def test_file_of_the_user_is_not_overwritten(
    tiny_classifier, pictures, tmp_path
):
    names = tuple("abcde")
    export(tiny_classifier, tmp_path, pictures, "onnx", class_names=names)
    (tmp_path / "model.tflite").write_text("mine")
    before = _contents(tmp_path)
    with pytest.raises(ValueError, match="model.tflite is not of what was"):
        export(tiny_classifier, tmp_path, pictures, class_names=names)
    assert _contents(tmp_path) == before


def test_foreign_json_is_no_export(tiny_classifier, pictures, tmp_path):
    (tmp_path / "kerasfg.json").write_text("{}")
    with pytest.raises(ValueError, match="not written by this version"):
        export(tiny_classifier, tmp_path, pictures, class_names="abcde")


def test_out_must_be_a_folder(tiny_classifier, pictures, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="must be a folder. Received: out="):
        export(
            tiny_classifier, tmp_path / "file", pictures, class_names="abcde"
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"formats": ["pb"]}, "some of tflite, onnx. Received: formats"),
        ({"variants": ["int8"]}, "give `calibration`.*calibration=None"),
        ({"labels": np.zeros(11, int)}, "12 integers.*int64 .11,."),
        ({"labels": np.full(12, 5)}, "from 0 to 4, .* Received: int64"),
        ({"labels": np.zeros(12)}, "12 integers .* Received: float64"),
        ({"class_names": None}, "give `class_names`. Received"),
        ({"class_names": "abcd"}, "5 classes.*Received: 4 class_names"),
        ({"class_names": "abcda"}, "the same name. Received"),
        ({"class_names": ["a", "b", "c", "d", "e\nf"]}, "one line of text"),
        ({"class_names": ["a", "b", "c", "d", " "]}, "one line of text"),
        ({"metadata": {"crop": "left"}}, "Received: crop='left'"),
        ({"metadata": {"crop_fraction": 0}}, "Received: crop_fraction=0"),
        ({"metadata": {"crop_fraction": "1"}}, "Received: crop_fraction='1'"),
        ({"metadata": {"files": {}}}, "Received: files"),
        ({"metadata": {"author": 7}}, "must be a text. Received: author=7"),
        ({"metadata": {"temperature": float("nan")}}, "written as JSON"),
        ({"metadata": {"recipe": object()}}, "written as JSON"),
        ({"images": np.zeros((2, 8, 8, 3), "uint8")}, "`images` must be"),
        ({"images": np.zeros((0, 16, 16, 3), "uint8")}, "At least one"),
    ],
)
def test_rejects_arguments(
    arguments, message, tiny_classifier, pictures, tmp_path
):
    given = {"images": pictures, "class_names": "abcde", **arguments}
    with pytest.raises(ValueError, match=message):
        export(tiny_classifier, tmp_path / "out", **given)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def logits_model(tiny_classifier):
    logits = tiny_classifier.layers[-2].output
    return keras.Model(tiny_classifier.input, [logits, tiny_classifier.output])


def test_what_a_model_does_not_show_is_given(
    logits_model, tiny_classifier, exported, pictures, tmp_path
):
    export(
        logits_model,
        tmp_path,
        pictures,
        formats="onnx",
        class_names="abcde",
        input_range=(0, 255),
        output="logits",
        output_name="logits",
    )
    given = load(tmp_path / "model.onnx").predict(pictures)
    expected = load(exported / "model.onnx").predict(pictures)
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_logits_are_not_probabilities(logits_model, pictures, tmp_path):
    given = {"class_names": "abcde", "output_name": "logits"}
    with pytest.raises(ValueError, match="add up to 1: .* Received: sums"):
        export(
            logits_model,
            tmp_path / "out",
            pictures,
            output="probabilities",
            **given,
        )
    assert not list(tmp_path.iterdir())


def test_model_of_nan_is_refused(make_classifier, pictures, tmp_path):
    model = make_classifier()
    model.layers[2].kernel.assign(model.layers[2].kernel * float("nan"))
    with pytest.raises(ValueError, match="not finite. Received: picture 0"):
        export(model, tmp_path / "out", pictures, class_names="abcde")


def test_export_is_silent_where_stderr_is_no_terminal(
    tiny_classifier, pictures, tmp_path, capfd
):
    export(tiny_classifier, tmp_path, pictures, class_names="abcde")
    assert capfd.readouterr() == ("", "")


def test_variants_beside_the_float32_file(exported_in_full, pictures):
    manifest = read_manifest(exported_in_full)
    assert set(manifest["files"]) == {
        "model.tflite",
        "model_camera40.tflite",
        "model_dynamic.tflite",
        "model_float16.tflite",
        "model_int8.tflite",
        "model_mixed.tflite",
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
        size = entry["image_size"]
        image = base64.b64decode(own_test["image"])
        np.testing.assert_allclose(
            classifier.predict(
                np.frombuffer(image, "uint8").reshape(1, size, size, 3)
            )[0],
            own_test["probabilities"],
            atol=1e-5,  # as Keras is another runtime than float32's
        )
        expected = own_test if size == 16 else None
        assert entry["self_test"] == (
            expected and {k: v for k, v in own_test.items() if k != "image"}
        )


def test_report_tells_of_every_file(exported_in_full):
    report = json.loads((exported_in_full / "report.json").read_text("utf-8"))
    manifest = read_manifest(exported_in_full)
    rows = {row["file"]: row for row in report["files"]}
    assert set(manifest["files"]) < set(rows)
    assert report["recommended"] == manifest["recommended"]
    assert report["recommended"] in manifest["files"]
    assert "camera" not in report["recommended"]
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
    )
    assert list(report.refused) == ["model_dynamic.tflite"]
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
    assert list(report.manifest["files"]) == ["model.tflite"]
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


@pytest.mark.slow
def test_importing_it_imports_no_framework():
    code = (
        "import sys, kerasfg\n"
        "before = set(sys.modules)\n"
        "import kerasfg.export\n"
        "print(*(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        (sys.executable, "-P", "-c", code),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {name.partition(".")[0] for name in done.stdout.split()}
    assert not imported & {
        "ai_edge_litert",
        "keras",
        "onnx",
        "onnxruntime",
        "tensorflow",
        "tf2onnx",
    }


def test_public_names_are_sorted_and_there():
    import kerasfg.export as package

    assert sorted(package.__all__) == package.__all__
    assert all(callable(getattr(package, name)) for name in package.__all__)
