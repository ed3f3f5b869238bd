"""What apps cost a run's network and its exported files."""

import dataclasses
import json

import numpy as np
import pytest

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.evaluation.clients import media_pipe
from kerasfg.export.measurement import client_files as of_export
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
    """A function that leaves the `kerasfg.json` of an export."""
    monkeypatch.setattr(
        "kerasfg.export.runtime.load.load",
        lambda path: Runtime(FILES[path.name]["image_size"]),
    )

    def leave(class_names):
        manifest = make_manifest(SIZE, class_names, {})
        folder = tmp_path / "exported"
        folder.mkdir(exist_ok=True)
        monkeypatch.setattr(
            client_files,
            "read_manifest",
            lambda path: {**manifest, "files": FILES},
        )
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
    folder = leave_export(("other", "names", "here"))
    with pytest.raises(ValueError, match="must have the classes of the model"):
        client_files.client_table(Model(), pixels, splits, folder, False)
    with pytest.raises(ValueError, match=r"`exported` must be .*nowhere"):
        client_files.exported_files(tmp_path / "nowhere", ("a", "b"))
    no_originals = dataclasses.replace(pixels, read=None)
    with pytest.raises(
        ValueError, match=r"original pictures.*36 pictures of 8"
    ):
        client_files.client_table(Model(), no_originals, splits)


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
    assert most == [200, 104, 50]
