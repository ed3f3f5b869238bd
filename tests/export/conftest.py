"""A small network to export, and its files."""

import hashlib

import keras
import numpy as np
import pytest

from kerasfg.export import export
from kerasfg.export.app.packages import LITERT
from kerasfg.export.app.packages import ONNXRUNTIME
from kerasfg.export.app.packages import packages_folder
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest

EXPORTED = (
    "model.tflite",
    "model_pixels8.tflite",
    "model.onnx",
    "model_pixels8.onnx",
)
CLASS_NAMES = ("bluebell", "crocus", "daisy", "Löwenzahn", "iris")


def _classifier(size=16, extra=None):
    """Uint8-range pixels to five probabilities; `extra` acts on the map."""
    keras.utils.set_random_seed(7)
    images = keras.Input((size, size, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    x = keras.layers.Conv2D(8, 3, strides=2, use_bias=False)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    if extra is not None:
        x = extra(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    # Large weights, so that the pictures differ in their classes.
    large = keras.initializers.RandomNormal(stddev=10.0, seed=19)
    x = keras.layers.Dense(5, kernel_initializer=large, name="logits")(x)
    model = keras.Model(images, keras.layers.Softmax(dtype="float32")(x))
    rng = np.random.default_rng(7)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for weight in layer.weights:
                weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


@pytest.fixture(scope="session")
def make_classifier():
    return _classifier


@pytest.fixture(scope="session")
def tiny_classifier():
    return _classifier()


@pytest.fixture(scope="session")
def class_names():
    return CLASS_NAMES


@pytest.fixture(scope="session")
def pictures():
    shape = (12, 16, 16, 3)
    noise = np.random.default_rng(3).integers(0, 256, shape)
    # Of different colours, or their means would be all the same.
    tint = np.random.default_rng(4).integers(0, 256, (12, 1, 1, 3))
    return ((noise + 2 * tint) // 3).astype("uint8")


@pytest.fixture(scope="session")
def probabilities(tiny_classifier, pictures):
    return np.asarray(tiny_classifier(pictures.astype("float32")))


@pytest.fixture(scope="session")
def exported(tiny_classifier, pictures, tmp_path_factory):
    """A folder with both formats; not to be written to."""
    out = tmp_path_factory.mktemp("export") / "exported"
    names = {"class_names": CLASS_NAMES}
    export(tiny_classifier, out, pictures, frame_size=48, **names)
    return out


@pytest.fixture(params=("tflite", "onnx"))
def suffix(request):
    return request.param


@pytest.fixture
def make_export(tmp_path):
    """A function that writes a folder as an export does, of no real models."""

    def make(folder="exported", files=EXPORTED, **more):
        folder = tmp_path / folder
        folder.mkdir()
        entries = {}
        for name in files:
            contents = f"{folder.name} {name}".encode()
            (folder / name).write_bytes(contents)
            digest = hashlib.sha256(contents).hexdigest()
            stem, _, ending = name.partition(".")
            entries[name] = {
                "sha256": digest,
                "bytes": len(contents),
                "format": ending,
                "variant": "int8" if stem.endswith("int8") else "float32",
                "takes": "pixels" if "_pixels" in stem else "frame",
            }
        manifest = make_manifest(
            8, ("tit", "wren"), {"name": "Birds"}, frame_size=16
        )
        write_manifest({**manifest, "files": entries, **more}, folder)
        return folder

    return make


@pytest.fixture
def fake_packages(tmp_path, monkeypatch):
    """Packages of a few bytes in the cache, and no npm."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "")
    modules = packages_folder() / "node_modules"
    litert = b'import {x} from "@litertjs/wasm-utils";\n//# sourceMappingURL=m'
    for name in (*LITERT, *ONNXRUNTIME):
        (modules / name).parent.mkdir(parents=True, exist_ok=True)
        own = litert if name == "@litertjs/core/dist/index.js" else b"\0"
        (modules / name).write_bytes(own + name.encode())
    return modules
