"""The folder of an export: all of it, or the one before."""

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
from kerasfg.export import exporter
from kerasfg.export import load
from kerasfg.export import read_manifest


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


@pytest.fixture
def broken_tflite(monkeypatch):
    """Conversion to TFLite that gives a file which differs from Keras."""
    convert = exporter.FORMATS["tflite"]

    def spoiled(graph):
        kernel = next(w for w in graph.model.weights if w.shape == (8, 5))
        weights = kernel.numpy()
        kernel.assign(-weights)
        try:
            return convert(graph)
        finally:
            kernel.assign(weights)

    monkeypatch.setitem(exporter.FORMATS, "tflite", spoiled)


def test_folder_holds_models_labels_and_manifest(exported, class_names):
    assert sorted(_contents(exported)) == [
        "kerasfg.json",
        "labels.txt",
        "model.onnx",
        "model.tflite",
    ]
    labels = (exported / "labels.txt").read_text("utf-8")
    assert tuple(labels.splitlines()) == class_names


def test_manifest(exported, class_names):
    manifest = json.loads((exported / "kerasfg.json").read_text("utf-8"))
    assert manifest == read_manifest(exported)
    files, versions = manifest.pop("files"), manifest.pop("versions")
    assert manifest == {
        "format": 1,
        "image_size": 16,
        "crop": "center",
        "filter": "bicubic",
        "class_names": list(class_names),
        "temperature": None,
        "threshold": None,
    }
    for name in ("model.onnx", "model.tflite"):
        contents = (exported / name).read_bytes()
        entry = files.pop(name)
        assert entry["sha256"] == hashlib.sha256(contents).hexdigest()
        assert entry["bytes"] == len(contents)
        assert entry["max_difference"] < 1e-5
        assert entry["top_1_agreement"] == 1
        assert entry["operators"] == sorted(entry["operators"])
    assert not files
    assert versions["keras"] == keras.__version__
    assert {"ai-edge-litert", "onnxruntime", "tensorflow"} <= set(versions)


def test_metadata_travels_along(tiny_classifier, pictures, tmp_path):
    given = {
        "crop": "whole",
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
    assert manifest == returned
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
    monkeypatch.setitem(exporter.FORMATS, "onnx", interrupted)
    with pytest.raises(error):
        export(tiny_classifier, previous, pictures, class_names="abcde")
    assert _contents(previous) == before


@pytest.mark.parametrize("nth", range(7))
def test_interrupted_renaming_leaves_the_previous_export(
    nth, tiny_classifier, pictures, previous, monkeypatch
):
    from kerasfg.export import folder

    rename, calls = folder.os.rename, []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == nth + 1:
            raise KeyboardInterrupt
        rename(source, target)

    before = _contents(previous)
    monkeypatch.setattr(folder.os, "rename", interrupted)
    monkeypatch.setattr(exporter, "FORMATS", {"tflite": lambda graph: b""})
    monkeypatch.setattr(exporter, "verify", lambda *args: _Found())
    with pytest.raises(KeyboardInterrupt):
        export(tiny_classifier, previous, pictures, ["tflite"], tuple("abcde"))
        pytest.fail("renamed less often")
    assert _contents(previous) == before


class _Found:
    sha256, bytes, max_difference, top_1_agreement = "0", 0, 0.0, 1.0
    operators = ()


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
    export(tiny_classifier, tmp_path, pictures, ["onnx"], names)
    (tmp_path / "model.tflite").write_text("mine")
    before = _contents(tmp_path)
    with pytest.raises(ValueError, match="model.tflite is not of the export"):
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
        ({"formats": []}, "some of tflite, onnx. Received: formats"),
        ({"class_names": None}, "give `class_names`. Received"),
        ({"class_names": "abcd"}, "5 classes.*Received: 4 class_names"),
        ({"class_names": "abcda"}, "the same name. Received"),
        ({"class_names": ["a", "b", "c", "d", "e\nf"]}, "one line of text"),
        ({"class_names": ["a", "b", "c", "d", " "]}, "one line of text"),
        ({"metadata": {"crop": "left"}}, "Received: crop='left'"),
        ({"metadata": {"files": {}}}, "Received: files"),
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
