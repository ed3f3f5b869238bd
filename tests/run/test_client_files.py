"""What apps cost a run's network and its exported files."""

import dataclasses
import json

import numpy as np
import pytest

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.evaluation.clients import media_pipe
from kerasfg.export.measurement import client_files as of_export
from kerasfg.export.self_test import describe_image
from kerasfg.manifest import make_manifest
from kerasfg.run import client_files

SIZE = 8


@pytest.fixture(autouse=True)
def without_media_pipe(monkeypatch):
    monkeypatch.setattr(media_pipe, "is_installed", lambda: False)


@pytest.fixture
def pixels(picture_folder, tmp_path):
    source = from_folder(picture_folder)
    return prepare(source, SIZE, cache_dir=tmp_path / "cache", progress=False)


@pytest.fixture
def splits(pixels):
    splits = np.full(len(pixels), "train", "<U5")
    splits[::3] = "test"
    return splits


def brightest(images):
    """Knows the three classes by their brightest channel."""
    means = np.asarray(images).mean((1, 2))
    return np.eye(3)[means.argmax(axis=1)]


class Model:
    """Stands for the Keras model."""

    def predict(self, images, verbose):
        assert images.dtype == np.float32
        return brightest(images)


class Runtime:
    """Stands for an exported file in its runtime."""

    def __init__(self, side):
        self.image_size = side

    def predict(self, images):
        assert images.dtype == np.uint8
        assert images.shape[1:] == (self.image_size, self.image_size, 3)
        return brightest(images)


def entry(takes, side, **more):
    return {
        "format": "tflite",
        "variant": "float32",
        "takes": takes,
        "image_size": side,
        "sha256": f"{takes}{side}",
        **more,
    }


FILES = {
    "model.tflite": entry("frame", 16),
    "model_pixels8.tflite": entry("pixels", SIZE),
    "model_int8.tflite": entry("frame", 16, variant="int8", sha256="a"),
    "model.onnx": entry("frame", 16, format="onnx", sha256="b"),
}


@pytest.fixture
def leave_export(tmp_path, monkeypatch):
    """A function that leaves the files and `kerasfg.json` of an export."""
    monkeypatch.setattr(
        "kerasfg.export.runtime.load.load",
        lambda path: Runtime(FILES[path.name]["image_size"]),
    )
    monkeypatch.setattr(
        client_files,
        "manifest_inside",
        lambda path: {"takes": FILES[path.name]["takes"]},
    )
    monkeypatch.setattr(client_files, "in_float32", lambda model: model)
    image = np.random.default_rng(0).integers(0, 99, (SIZE, SIZE, 3), "uint8")
    image[..., 1] += 99  # green

    def leave(class_names=tuple("abc"), answer=(0.0, 1.0, 0.0), **values):
        manifest = {
            **make_manifest(SIZE, class_names, {}, describe_image(image)),
            "files": {
                name: {**facts, "self_test": {"probabilities": list(answer)}}
                for name, facts in FILES.items()
            },
            **values,
        }
        folder = tmp_path / "exported"
        folder.mkdir(exist_ok=True)
        for name in FILES:
            (folder / name).touch()
        monkeypatch.setattr(client_files, "read_manifest", lambda _: manifest)
        return folder

    return leave


def test_network_and_files_are_tried_on_the_original_test_pictures(
    pixels, splits, leave_export
):
    read = []

    def reading(name):
        read.append(name)
        return pixels.read(name)

    watched = dataclasses.replace(pixels, read=reading)
    folder = leave_export(pixels.class_names)
    found = client_files.client_table(Model(), watched, splits, folder, False)
    assert [f["file"] for f in found["files"]] == ["network", *sorted(FILES)]
    assert [f["image_size"] for f in found["files"]] == [8, 16, 16, 16, 8]
    tested = [pixels.names[row] for row in np.flatnonzero(splits == "test")]
    assert sorted(read) == sorted(tested)
    assert found["pictures"] == len(tested) == 12
    first = found["clients"][0]["files"]
    assert {cell["top_1"] for cell in first.values()} == {1.0}
    # red and blue exchange their classes, and green stays
    (bgr,) = (r for r in found["clients"] if r["client"] == "bgr")
    exchanged = [cell["top_1"] for cell in bgr["files"].values()]
    assert set(exchanged) < {0.0, 1 / 3, 2 / 3}
    alone = client_files.client_table(Model(), pixels, splits, None, False)
    assert [f["file"] for f in alone["files"]] == ["network"]


def test_errors(pixels, splits, leave_export, tmp_path):
    with pytest.raises(ValueError, match=r"`exported` must be .*nowhere"):
        client_files.exported_files(tmp_path / "nowhere", Model(), pixels)
    no_originals = dataclasses.replace(pixels, read=None)
    with pytest.raises(
        ValueError, match=r"original pictures.*36 pictures of 8"
    ):
        client_files.client_table(Model(), no_originals, splits)


NOT_OF = "must be those of the model: export it again.* Received: exported="


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"class_names": ("other", "names", "here")}, "other classes"),
        ({"image_size": 16}, "image_size=16, not 8"),
        ({"crop": "whole"}, "crop='whole', not 'center'"),
        ({"crop_fraction": 0.5}, "crop_fraction=0.5, not 1.0"),
        ({"answer": (0.0, 0.97, 0.03)}, "a self-test that differs by 0.03"),
        ({"answer": (0.0, float("nan"), 0.0)}, "differs by nan"),
        ({"answer": (0.0, 1.0)}, "a self-test that is broken"),
        ({"answer": "ab"}, "a self-test that is broken"),
        ({"self_test": None}, "no self-test"),
        ({"self_test": {"image": "AAAA"}}, "no self-test"),
        ({"self_test": {"image": 3}}, "no self-test"),
        ({"files": {"model.tflite": entry("frame", 16)}}, "no self-test"),
    ],
)
def test_an_export_of_another_network_is_refused(
    pixels, splits, leave_export, values, message
):
    names = values.pop("class_names", pixels.class_names)
    folder = leave_export(names, **values)
    with pytest.raises(ValueError, match=f"{NOT_OF}.*{message}"):
        client_files.client_table(Model(), pixels, splits, folder, False)


def test_another_device_may_round_otherwise(pixels, leave_export):
    folder = leave_export(pixels.class_names, (0.005, 0.99, 0.005))
    files = client_files.exported_files(folder, Model(), pixels)
    assert len(files) == len(FILES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"takes": "pixels"}, "model.tflite has takes='frame', not 'pixels'"),
        ({"image_size": 24}, "model.tflite has image_size=16, not 24"),
        (None, "without model.tflite"),
    ],
)
def test_files_must_be_as_they_are_listed(
    pixels, leave_export, change, message
):
    folder = leave_export(pixels.class_names)
    if change is None:
        (folder / "model.tflite").unlink()
    else:
        manifest = client_files.read_manifest(folder)
        manifest["files"]["model.tflite"].update(change)
    with pytest.raises(ValueError, match=f"lists: export .*again.*{message}"):
        client_files.exported_files(folder, Model(), pixels)


def test_an_export_tries_few_files_clients_and_pictures(
    pixels, splits, monkeypatch, tmp_path
):
    started = []

    class Child:
        def __init__(self, contents, format_):
            started.append(contents)
            name = contents.decode()
            self.predict = Runtime(FILES[name]["image_size"]).predict

        def __enter__(self):
            return self

        def __exit__(self, *_):
            started.append("ended")

    monkeypatch.setattr(of_export, "ChildClassifier", Child)
    for name in FILES:
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.setattr(client_files, "EXPORT_PICTURES", 5)
    monkeypatch.setattr(client_files, "FEWEST", 1)
    try_files = client_files.try_for_export(pixels, splits)
    tried = of_export.try_clients(
        tmp_path, FILES, "model_int8.tflite", try_files
    )
    names = [file["file"] for file in tried.content["files"]]
    assert names == [
        "model.tflite",
        "model_pixels8.tflite",
        "model_int8.tflite",
    ]
    assert started.count("ended") == 3
    assert (tried.content["pictures"], tried.content["of"]) == (5, 12)
    assert len(tried.content["clients"]) == 7
    assert "| BGR for RGB |" in tried.markdown
    assert tried.hints == []
    assert json.loads(json.dumps(tried.content)) == tried.content


def test_equal_files_are_tried_once_and_onnx_alone_is_tried(tmp_path):
    entries = {
        "model.onnx": entry("pixels", SIZE, format="onnx", sha256="same"),
        "model_pixels8.onnx": entry(
            "pixels", SIZE, format="onnx", sha256="same"
        ),
    }
    taken = []
    for name in entries:
        (tmp_path / name).write_bytes(b"")

    class Child:
        def __init__(self, contents, format_):
            assert format_ == "onnx"

        __enter__ = __exit__ = predict = lambda self, *_: self

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_export, "ChildClassifier", Child)
        of_export.try_clients(tmp_path, entries, None, taken.extend)
    assert [file["name"] for file in taken] == ["model.onnx"]


def test_large_pictures_are_fewer(pixels, splits, monkeypatch):
    most = []
    monkeypatch.setattr(
        client_files,
        "original_pictures",
        lambda pixels, splits, count: most.append(count) or 1 / 0,
    )
    for width, height in ((500, 400), (1600, 1200), (4000, 3000)):
        sizes = np.tile(np.int32([width, height]), (len(pixels), 1))
        larger = dataclasses.replace(pixels, picture_sizes=sizes)
        with pytest.raises(ZeroDivisionError):
            client_files.try_for_export(larger, splits)([])
        with pytest.raises(ZeroDivisionError):
            client_files.client_table(Model(), larger, splits)
    assert most == [200, 1000, 104, 520, 50, 200]
