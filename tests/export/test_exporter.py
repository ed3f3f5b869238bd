"""The folder of an export: all of it, or the one before."""

import base64
import functools
import hashlib
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export import export
from kerasfg.export import load
from kerasfg.export import read_manifest
from kerasfg.export import read_metadata
from kerasfg.export.frames.shrunk_frames import ShrunkFrames
from kerasfg.export.measurement.benchmark import benchmark
from kerasfg.export.onnx_metadata import read_onnx_metadata
from kerasfg.export.verification.same_network import other_network
from kerasfg.manifest_schema import check_manifest

FILES = (
    "model.onnx",
    "model.tflite",
    "model_pixels16.onnx",
    "model_pixels16.tflite",
)


def _contents(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_folder_holds_models_labels_and_manifest(exported, class_names):
    assert sorted(_contents(exported)) == [
        "kerasfg.json",
        "labels.txt",
        "model.onnx",
        "model.tflite",
        "model_pixels16.onnx",
        "model_pixels16.tflite",
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
        "format": 3,
        "image_size": 16,
        "frame_size": 48,
        "crop": "center",
        "crop_fraction": 1.0,
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
    for name in FILES:
        contents = (exported / name).read_bytes()
        entry = files.pop(name)
        assert entry["sha256"] == hashlib.sha256(contents).hexdigest()
        assert entry["bytes"] == len(contents)
        assert entry["format"] == name.partition(".")[2]
        pixels = "pixels" in name
        assert entry["takes"] == ("pixels" if pixels else "frame")
        assert entry["image_size"] == (16 if pixels else 48)
        assert entry["variant"] == "float32"
        assert entry["max_difference"] < 1e-5
        assert entry["top_1_agreement"] == 1
        assert entry["operators"] == sorted(entry["operators"])
    assert not files
    assert versions["keras"] == keras.__version__
    assert {"ai-edge-litert", "onnxruntime", "tensorflow"} <= set(versions)


@pytest.mark.parametrize("name", FILES)
def test_files_pass_their_own_self_test(exported, name):
    manifest = read_manifest(exported)
    image = base64.b64decode(manifest["self_test"]["image"])
    image = np.frombuffer(image, "uint8").reshape(1, 16, 16, 3)
    if "pixels" not in name:
        image = image.repeat(3, axis=1).repeat(3, axis=2)
    answer = manifest["files"][name]["self_test"]
    given = load(exported / name).predict(image)[0]
    assert answer["tolerance"] == (1e-4 if "pixels" in name else 1e-3)
    np.testing.assert_allclose(given, answer["probabilities"], atol=1e-5)
    # Weights of another network do not pass.
    assert np.ptp(answer["probabilities"]) < 0.9


def test_an_export_is_of_its_network_and_of_no_other(
    exported, tiny_classifier, make_classifier, pictures
):
    manifest = read_manifest(exported)

    def asked(model):
        return lambda images: np.asarray(model(images.astype("float32")))

    assert other_network(manifest, asked(tiny_classifier)) is None
    other = make_classifier()
    weight = other.get_layer("logits").kernel
    weight.assign(weight + 0.1 * np.random.default_rng(1).normal(size=(8, 5)))
    assert "differs by" in other_network(manifest, asked(other))


def test_what_a_file_says_of_itself(exported, class_names):
    manifest = read_manifest(exported)
    answer = manifest["files"]["model.tflite"]["self_test"]
    inside = read_metadata((exported / "model.tflite").read_bytes())
    assert inside["class_names"] == class_names
    within = json.loads(inside["files"]["kerasfg.json"])
    assert within["self_test"] == {**manifest["self_test"], **answer}
    assert (within["variant"], within["takes"]) == ("float32", "frame")
    assert (within["image_size"], within["frame_size"]) == (16, 48)
    assert inside["image_size"] == 48  # what MediaPipe reads
    properties = read_onnx_metadata((exported / "model.onnx").read_bytes())
    assert json.loads(properties["class_names"]) == list(class_names)
    in_onnx = json.loads(properties["kerasfg.json"])
    assert in_onnx["versions"] == manifest["versions"]
    for each in (within, in_onnx):  # of the same schema as the folder's
        check_manifest(each)


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
    assert list(manifest["files"]) == ["model.onnx", "model_pixels16.onnx"]


@pytest.mark.parametrize("frame_size", [None, 16])
def test_frames_of_the_networks_own_size_are_the_exact_pixels(
    tiny_classifier, pictures, frame_size, tmp_path
):
    report = export(
        tiny_classifier,
        tmp_path,
        pictures,
        formats="tflite",
        class_names="abcde",
        frame_size=frame_size,
        frames=pictures,
    )
    frame, exact = (
        (tmp_path / name).read_bytes()
        for name in ("model.tflite", "model_pixels16.tflite")
    )
    assert frame == exact
    files = report.manifest["files"]
    assert {facts["takes"] for facts in files.values()} == {"pixels"}
    assert report.manifest["frame_size"] == 16
    said = (tmp_path / "report.md").read_text()
    assert "as do those for exact" in said
    # As the network is often large, not the pictures small.
    assert "An app must shrink larger pictures as training did." in said


def test_frames_are_those_given(tiny_classifier, pictures, tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (12, 20, 20, 3), "uint8")
    small = np.stack([shrink(Image.fromarray(x), 16) for x in frames])
    labels = np.asarray(tiny_classifier(small.astype("float32"))).argmax(1)
    report = export(
        tiny_classifier,
        tmp_path,
        pictures,
        formats="tflite",
        class_names="abcde",
        frames=frames,
        labels=labels,
        untrained=True,
    )
    found = report.verifications
    assert found["model.tflite"].accuracy == 1
    assert found["model_pixels16.tflite"].accuracy < 1
    text = (tmp_path / "report.md").read_text()
    assert "test pictures: 0 of 9,216 values differ." in text
    assert "and 100.0 % if they are resized to a frame first" in text


def test_files_that_do_not_shrink_as_pillow_are_not_written(
    tiny_classifier, pictures, tmp_path, monkeypatch
):
    def wrong(frames, size, format_):
        return ShrunkFrames(frames[:, :size, :size], 9, 2)

    monkeypatch.setattr("kerasfg.export.write_files.shrunk_frames", wrong)
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="more than one. Received: 2"):
        export(tiny_classifier, out, pictures, class_names="abcde")
    assert not out.exists()


def test_model_that_knows_its_classes(make_classifier, pictures, tmp_path):
    model = make_classifier()
    model.class_names = ("v", "w", "x", "y", "z")
    export(model, tmp_path, pictures, formats="tflite")
    assert (tmp_path / "labels.txt").read_text() == "v\nw\nx\ny\nz\n"


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
        (
            {"class_names": ["a", "b", "c", "d", "e\ud800"]},
            r"UTF-8.* Received: class_names=\(.*'e\\ud800'\)",
        ),
        ({"metadata": {"crop": "left"}}, "Received: crop='left'"),
        ({"metadata": {"crop_fraction": 0}}, "Received: crop_fraction=0"),
        ({"metadata": {"crop_fraction": "1"}}, "Received: crop_fraction='1'"),
        ({"metadata": {"files": {}}}, "Received: files"),
        ({"max_drop": -1}, "from 0 to 1.*Received: max_drop=-1"),
        ({"image_size": 32}, "of 16 pixels: leave out `image_size`"),
        ({"metadata": {"author": 7}}, "must be a text. Received: author=7"),
        ({"metadata": {"temperature": float("nan")}}, "written as JSON"),
        ({"metadata": {"recipe": object()}}, "written as JSON"),
        ({"images": np.zeros((2, 8, 8, 3), "uint8")}, "`images` must be"),
        ({"frame_size": 15}, "from the network's 16 to 1024. Rec.*size=15"),
        ({"frame_size": 48.0}, "whole number .* Received: frame_size=48.0"),
        ({"frame_size": 1025}, "Received: frame_size=1025"),
        (
            {"frames": np.zeros((12, 48, 48, 3), "uint8"), "frame_size": 32},
            r"`frames` must be .*pictures, 32, 32, 3",
        ),
        (
            {"frames": np.zeros((11, 48, 48, 3), "uint8")},
            "a frame of each picture. Received: 11 frames of 12 images",
        ),
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
    given, expected = (
        load(folder / "model_pixels16.onnx").predict(pictures)
        for folder in (tmp_path, exported)
    )
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_a_model_of_grey_pixels_is_measured(pictures, tmp_path, monkeypatch):
    once = functools.partial(benchmark, threads=(1,), rounds=1)
    monkeypatch.setattr("kerasfg.export.report.benchmark", once)
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3),  # which takes no three channels
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )
    report = export(
        model,
        tmp_path,
        pictures,
        formats="tflite",
        class_names="abcde",
        frame_size=16,
        measure=True,
    )
    assert report.measurements[-1].file == "Keras predict"


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


def test_model_at_chance_is_refused(tiny_classifier, pictures, tmp_path):
    labels = np.arange(len(pictures)) % 5
    with pytest.raises(ValueError, match="chance.*`untrained`.*on 12 pictures"):
        export(
            tiny_classifier,
            tmp_path / "out",
            np.repeat(pictures[:1], len(pictures), axis=0),
            class_names="abcde",
            labels=labels,
        )
    assert not list(tmp_path.iterdir())


def test_model_of_nan_is_refused(make_classifier, pictures, tmp_path):
    model = make_classifier()
    model.layers[2].kernel.assign(model.layers[2].kernel * float("nan"))
    with pytest.raises(ValueError, match="must be finite numbers"):
        export(model, tmp_path / "out", pictures, class_names="abcde")


def test_export_is_silent_where_stderr_is_no_terminal(
    tiny_classifier, pictures, tmp_path, capfd
):
    export(tiny_classifier, tmp_path, pictures, class_names="abcde")
    assert capfd.readouterr() == ("", "")


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
