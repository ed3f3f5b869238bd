"""Identifies a file or folder that was given as a Keras model."""

import pathlib
import zipfile

_READ = 1 << 20  # bytes of a file that are read
_WEIGHTS = {"model.weights.h5", "model.weights.npz"}

# What a file begins with, what it is, and what to do.
_BEGINNINGS = (
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, not the file itself",
        "get the file by `git lfs pull`",
    ),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"%PDF", "a PDF document", "name the model"),
    (b"\xff\xd8\xff", "a JPEG picture", "name the model before the pictures"),
    (b"\x89PNG", "a PNG picture", "name the model before the pictures"),
    (b"\x93NUMPY", "a NumPy array", "name the model that was saved by Keras"),
    (
        b"\x80\x02",
        "a pickle, as old files of PyTorch are, which is not opened",
        "export the network to ONNX, or build it again in Keras, copy its "
        "weights and call `model.save('model.keras')`",
    ),
)
_PYTORCH = (
    "a PyTorch file, which is not opened",
    "build the network again in Keras, copy its weights and call "
    "`model.save('model.keras')`",
)
_TFJS = (
    "a TensorFlow.js model",
    "save the Keras model that it was made of by `model.save('model.keras')`",
)
_SAVED_MODEL = (
    "a SavedModel of TensorFlow, from which Keras 3 builds no model",
    "with `pip install tf_keras` run "
    "`tf_keras.models.load_model('FOLDER').save('model.h5')` in Python, then "
    "`keras.saving.load_model('model.h5', compile=False)"
    ".save('model.keras')`; or save the original by "
    "`model.save('model.keras')`",
)


def refusal(path, what, cure):
    """Returns the error for a path that is not a `.keras` file.

    Args:
        path: The path.
        what: What it is, such as `"an empty file"`.
        cure: What to do, in the imperative.
    """
    return ValueError(
        f"A model must be a .keras file, but this is {what}: {cure}. "
        f"Received: model={str(path)!r}"
    )


def check_format(path):
    """Checks that a path is a zip file of Keras, not of something else.

    Args:
        path: Path of a file or folder, of any kind and ending.

    Raises:
        ValueError: If it is anything else, with what to do.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        raise refusal(path, *_folder(path))
    if not path.exists():
        raise refusal(path, "missing", "name a file that exists")
    if not path.is_file():  # opening a pipe would block for ever
        raise refusal(path, "neither a file nor a folder", "name a file")
    with open(path, "rb") as file:
        beginning = file.read(_READ)
    if not beginning:
        raise refusal(path, "an empty file", "copy or save it again")
    if not beginning.startswith(b"PK"):
        raise refusal(path, *_other(path, beginning))
    _check_zip(path)


def _check_zip(path):
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise refusal(
            path,
            "cut off or damaged",
            "copy or download it again, or save it again",
        ) from None
    if "config.json" in names and _WEIGHTS & set(names):
        return
    raise refusal(path, *_archive(names))


def _archive(names):
    """What a zip file is by its names, and what to do."""
    ends = {pathlib.PurePosixPath(name).name for name in names}
    if "data.pkl" in ends:
        return _PYTORCH
    if "saved_model.pb" in ends:
        return "a zip file of a SavedModel", "unpack it"
    if any(name.endswith(".keras") for name in names):
        return "a zip file that holds a .keras file", "unpack it"
    if {"config.json", "model.weights.h5"} <= ends:
        return (
            "a zip file of an unpacked .keras file, inside a folder",
            "zip the files without their folder",
        )
    if any(name.endswith(".npy") for name in names):
        return "a file of NumPy arrays", "name the model of Keras"
    if not names:
        return "an empty zip file", "save the model again"
    missing = [x for x in ("config.json", "model.weights.h5") if x not in ends]
    return (
        f"a zip file of other things, without {' and '.join(missing)}",
        "save the model by `model.save('model.keras')`",
    )


def _folder(path):
    if (path / "saved_model.pb").exists():
        return _SAVED_MODEL
    if (path / "keras_metadata.pb").exists():
        return _SAVED_MODEL
    if (path / "model.json").exists():
        return _TFJS
    if (path / "config.json").exists() and (path / "model.weights.h5").exists():
        if (path / "task.json").exists():
            return (
                "a preset of KerasHub",
                "load it by `keras_hub.models.ImageClassifier.from_preset("
                "'FOLDER')` and call `model.save('model.keras')`",
            )
        return (
            "an unpacked .keras file",
            "zip its files without their folder, or save the model again",
        )
    return "another folder", "name a run folder or a .keras file"


def _other(path, beginning):
    """What a file that is not a zip file is, and what to do."""
    if beginning.startswith(b"\x89HDF\r\n\x1a\n"):
        return _hdf5(path)
    for start, what, cure in _BEGINNINGS:
        if beginning.startswith(start):
            return what, cure
    if beginning[4:8] == b"TFL3":
        return "a TensorFlow Lite file", _for_exported(path, ".tflite")
    if beginning[257:262] == b"ustar":
        return "a tar archive", "unpack it"
    if beginning[:1] == b"\x08" and b"onnx" in beginning[:200].lower():
        return "an ONNX file", _for_exported(path, ".onnx")
    if beginning[8:9] == b"{" and b'"dtype"' in beginning[:4096]:
        return (
            "a safetensors file, which holds weights and no network",
            "build the network in Keras, load them into it and call "
            "`model.save('model.keras')`",
        )
    return _text(beginning)


def _for_exported(path, suffix):
    """What to do with an exported file; some commands take it as it is."""
    if path.suffix != suffix:
        return f"let its name end in {suffix}"
    return (
        "`kerasfg predict` takes it, and `kerasfg evaluate RUN --clients "
        "--exported FOLDER` measures the exported files of a run"
    )


def _hdf5(path):
    name = path.name if path.suffix in (".h5", ".hdf5") else f"{path.stem}.h5"
    renamed = "" if name == path.name else f"rename it to '{name}', then "
    if not _has_model(path):
        return (
            "an HDF5 file of weights without the network",
            "build the network in Keras, call "
            f"{renamed}`model.load_weights('{name}')` and then "
            f"`model.save('{path.stem}.keras')`",
        )
    return (
        "an HDF5 file of an older Keras",
        f"{renamed}run `keras.saving.load_model('{name}', compile=False)"
        f".save('{path.stem}.keras')` in Python",
    )


def _has_model(path):
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return "model_config" in file.attrs
    except Exception:  # h5py raises many types for a damaged file
        return True


def _text(beginning):
    try:
        text = beginning.decode("utf-8").lstrip().lower()
    except UnicodeDecodeError:
        return (
            "a file of another kind, or damaged",
            "copy or download it again, or save the model by "
            "`model.save('model.keras')`",
        )
    if text.startswith(("<!doctype", "<html")):
        return "a web page", "download the file itself"
    if text.startswith("{") and ("modeltopology" in text):
        return _TFJS
    if text.startswith("{"):
        return (
            "JSON, perhaps the configuration of a model without its weights",
            "save the model by `model.save('model.keras')`",
        )
    return "a text", "name the model"
