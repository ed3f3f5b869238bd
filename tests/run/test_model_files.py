"""Any file or folder given as a model: right, or one clear line."""

import io
import json
import os
import pickle
import random
import re
import zipfile

import keras
import numpy as np
import pytest
from command_line import kerasfg
from PIL import Image

from kerasfg.run.given_paths import check_exportable
from kerasfg.run.given_paths import find_model
from kerasfg.run.load_keras import load_keras


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The parts of a small `.keras` file, by name."""
    images = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Conv2D(4, 3, name="conv")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(3, activation="softmax", name="head")(x)
    path = tmp_path_factory.mktemp("model") / "own.keras"
    keras.Model(images, x).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, contents in dict(parts).items():
            archive.writestr(name, contents)
    return path


def refusal(path, load=load_keras):
    """The message, which must be one a person can read."""
    with pytest.raises(ValueError) as caught:
        load(path)
    message = str(caught.value)
    assert message.endswith(f"Received: model={str(path)!r}"), message
    assert len(message) < 700, message
    return message


def zipped(**parts):
    contents = io.BytesIO()
    write(contents, {name.replace("__", "/"): b"x" for name in parts})
    return contents.getvalue()


def picture(format_):
    contents = io.BytesIO()
    Image.new("RGB", (4, 4)).save(contents, format_)
    return contents.getvalue()


@pytest.mark.parametrize(
    ("contents", "what"),
    [
        (b"", "an empty file"),
        (b"My model.", "a text"),
        (b"<!DOCTYPE html><html>", "a web page: download the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\n", "`git lfs pull`"),
        (b'{"modelTopology": {}}', "a TensorFlow.js model"),
        (b'{"class_name": "Functional"}', "JSON, perhaps the configuration"),
        (b"\x1c\0\0\0TFL3" + bytes(99), r"let its name end in \.tflite"),
        (b"\x08\x08\x12\x07onnx.py" + bytes(9), r"let its name end in \.onnx"),
        (pickle.dumps([1], 2), "a pickle"),
        (b"\x10\0\0\0\0\0\0\0" + b'{"w":{"dtype"' + bytes(9), "safetensors"),
        (picture("JPEG"), "a JPEG picture"),
        (b"\x1f\x8b" + bytes(99), "gzip"),
        (bytes(100), "another kind|a text"),
        (b"\xfc\x0c\xd5\x81".join([b"\xff\xfe"] * 9), "of another kind, or"),
        (zipped(archive__data_pkl=0).replace(b"_pkl", b".pkl"), "a PyTorch"),
        (zipped(photos__a=0, photos__b=0), "a zip file of other things"),
        (b"PK\x03\x04" + bytes(50), "cut off or damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_says_what_a_file_is(tmp_path, contents, what):
    path = tmp_path / "own.keras"
    path.write_bytes(contents)
    with pytest.raises(ValueError, match=f"(?s)must be a .keras.*({what})"):
        load_keras(path)
    refusal(path)


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("own.tflite", b"\x1c\0\0\0TFL3" + bytes(99)),
        ("own.onnx", b"\x08\x08\x12\x07onnx.py" + bytes(9)),
    ],
)
def test_says_which_commands_take_an_exported_file(tmp_path, name, contents):
    path = tmp_path / name
    path.write_bytes(contents)
    with pytest.raises(ValueError, match="a run folder or a .keras") as error:
        check_exportable(path, "photos")
    assert "--clients --exported FOLDER` measures" in str(error.value)
    assert "let its name end" not in str(error.value)


def test_says_how_an_hdf5_file_is_converted(tmp_path):
    import h5py

    for name in ("old.keras", "old.h5"):
        path = tmp_path / name
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = "{}"
        message = refusal(path)
        assert "keras.saving.load_model('old.h5', compile=False)" in message
        assert ("rename it to 'old.h5'" in message) == (name == "old.keras")
    path = tmp_path / "weights.keras"
    h5py.File(path, "w").close()
    assert "weights without the network" in refusal(path)


OTHER_FOLDERS = [
    (["saved_model.pb"], "a SavedModel .*tf_keras.models.load_model"),
    (["model.json"], r"a TensorFlow.js model"),
    (["config.json", "model.weights.h5"], "an unpacked .keras file"),
    (["config.json", "model.weights.h5", "task.json"], "KerasHub"),
]


@pytest.mark.parametrize(("files", "what"), OTHER_FOLDERS)
def test_says_what_a_folder_is(tmp_path, files, what):
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=what):
        find_model(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("files", "what"), OTHER_FOLDERS)
def test_commands_say_what_a_folder_is_in_one_line(tmp_path, files, what):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in files:
        (folder / name).touch()
    for command in ("export", "evaluate"):
        out = ["--out", "out"] if command == "export" else []
        result = kerasfg(command, folder, "--data", ".", *out, cwd=tmp_path)
        assert result.returncode == 1
        assert len(result.stderr.splitlines()) == 1, result.stderr
        assert re.search(what, result.stderr)


@pytest.mark.parametrize(
    "command",
    [
        "predict",
        *(
            pytest.param(c, marks=pytest.mark.slow)
            for c in ("evaluate", "export")
        ),
    ],
)
def test_a_pipe_does_not_hang(tmp_path, command):
    path = tmp_path / "own.keras"
    os.mkfifo(path)
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / "model.keras")
    more = {"predict": [path], "evaluate": ["--data", "."]}
    more["export"] = ["--data", ".", "--out", "out"]
    for model in (path, tmp_path / "run"):
        result = kerasfg(
            command, model, *more[command], cwd=tmp_path, timeout=60
        )
        assert result.returncode == 1
        assert len(result.stderr.splitlines()) == 1, result.stderr


def test_cut_and_flipped_files_are_damaged(parts, tmp_path):
    path = write(tmp_path / "own.keras", parts)
    contents, rng = path.read_bytes(), random.Random(0)
    for _ in range(30):
        path.write_bytes(contents[: rng.randrange(1, len(contents))])
        assert "damaged" in refusal(path)
        flipped = bytearray(contents)
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            load_keras(path)  # a bit that nothing depends on
        except ValueError as error:
            assert "damaged" in str(error) or "zip file" in str(error)


def test_damage_inside_a_whole_zip_file_is_one_line(parts, tmp_path):
    rng = random.Random(1)
    for name in parts:
        for _ in range(15):
            damaged = bytearray(parts[name])
            for _ in range(8):
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
            path = tmp_path / "own.keras"
            write(path, {**parts, name: bytes(damaged)})
            try:
                load_keras(path)
            except ValueError as error:
                assert len(str(error)) < 700


def _layers(config):
    return config["config"]["layers"]


HOSTILE = {
    "no JSON": lambda x: b"{no",
    "a list": lambda x: [],
    "deep": lambda x: b"[" * 100_000,
    "nested": lambda x: (
        b'{"class_name": "Model", "config": '
        + b'{"a":' * 800
        + b"1"
        + b"}" * 801
    ),
    "no class": lambda x: x.pop("class_name"),
    "no module": lambda x: x.pop("module"),
    "no layers": lambda x: x["config"].pop("layers"),
    "layers are numbers": lambda x: x["config"].update(layers=[7, None]),
    "no outputs": lambda x: x["config"].update(output_layers=[]),
    "another output": lambda x: x["config"].update(
        output_layers=[["nowhere", 0, 0]]
    ),
    "units as text": lambda x: _layers(x)[-1]["config"].update(units="many"),
    "other units": lambda x: _layers(x)[-1]["config"].update(units=5),
    "terabytes": lambda x: _layers(x)[-1]["config"].update(units=10**13),
    "gigabytes": lambda x: _layers(x)[2]["config"].update(
        kernel_size=[20_000, 20_000], padding="same"
    ),
    "os.system": lambda x: _layers(x)[1].update(
        module="os", class_name="system", registered_name=None
    ),
    "a function": lambda x: _layers(x)[1].update(
        module="keras.utils", class_name="get_file"
    ),
    "eval": lambda x: _layers(x)[1].update(
        module="builtins", class_name="eval"
    ),
    "a lie": lambda x: _layers(x)[1].update(
        registered_name="kerasfg>FineGrainedClassifier"
    ),
    "Lambda": lambda x: _layers(x)[1].update(
        class_name="Lambda",
        config={"name": "x", "function": {"class_name": "__lambda__"}},
    ),
    "no model": lambda x: x.update(
        module="keras.layers",
        class_name="Dense",
        config={"units": 3},
        build_config={"input_shape": [None, 4]},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_configurations_are_one_line(parts, tmp_path, name):
    config = json.loads(parts["config.json"])
    changed = HOSTILE[name](config)
    if isinstance(changed, list):
        config = changed
    elif not isinstance(changed, bytes):
        changed = None
    text = changed if isinstance(changed, bytes) else json.dumps(config)
    path = write(tmp_path / "own.keras", {**parts, "config.json": text})
    refusal(path)


def test_missing_class_is_named_with_how_to_load_it(parts, tmp_path):
    config = json.loads(parts["config.json"])
    _layers(config)[2].update(
        module="mine.layers", class_name="Blur", registered_name="mine>Blur"
    )
    text = json.dumps(config)
    path = write(tmp_path / "own.keras", {**parts, "config.json": text})
    message = refusal(path)
    assert "needs mine>Blur" in message
    assert 'custom_objects={"Blur": Blur}' in message


def test_bombs_and_parts_of_one_name_are_refused(parts, tmp_path):
    path = tmp_path / "own.keras"
    large = {**parts, "model.weights.h5": bytes(80 * 2**20)}
    write(path, large, zipfile.ZIP_DEFLATED)
    assert "more than a model needs" in refusal(path)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "w") as archive,
    ):
        for name in (*parts, "config.json"):
            archive.writestr(name, parts[name])
    assert "two parts named 'config.json'" in refusal(path)


@pytest.mark.slow
def test_weights_that_are_no_numbers(parts, tmp_path):
    path = write(tmp_path / "own.keras", parts)
    model = load_keras(path)
    head = model.get_layer("head")
    head.set_weights([np.full((4, 3), np.nan), np.zeros(3)])
    model.save(path)
    with pytest.raises(ValueError, match="'head/kernel' is infinite or not a"):
        load_keras(path)
    photo = tmp_path / "a.png"
    Image.new("RGB", (16, 16)).save(photo)
    result = kerasfg("predict", path, photo, cwd=tmp_path)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "nan" not in result.stdout


def test_another_ending_is_told(parts, tmp_path):
    path = write(tmp_path / "own.zip", parts)
    with pytest.raises(ValueError, match="with another ending: rename it"):
        find_model(path)
