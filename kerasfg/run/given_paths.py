"""Checks the paths that a user passes, before anything is loaded."""

import collections
import os
import warnings
from collections.abc import Iterable
from pathlib import Path

from kerasfg.config.first_weights import check_recipe_is_there
from kerasfg.config.names import arguments_named
from kerasfg.data.files.find import A_FOLDER
from kerasfg.data.files.find import find_files
from kerasfg.data.files.find import problem_of
from kerasfg.data.files.left_out import BROKEN_LINK
from kerasfg.data.files.left_out import SPECIAL
from kerasfg.data.files.left_out import UNREADABLE
from kerasfg.data.files.left_out import describe_left_out
from kerasfg.data.files.openable import OpenablePath
from kerasfg.data.remote.address import is_remote
from kerasfg.data.sources.elsewhere.walk import check_elsewhere
from kerasfg.data.sources.elsewhere.walk import is_elsewhere
from kerasfg.data.sources.elsewhere.walk import walk_elsewhere
from kerasfg.data.sources.place import check_places
from kerasfg.export.interrupted_swap import finish_if_interrupted
from kerasfg.hub.address import hub_address
from kerasfg.hub.download import local_folder
from kerasfg.manifest import read_manifest
from kerasfg.run.model_format import check_format
from kerasfg.run.run_folder import RunFolder

MODELS = ("model.keras", "model.tflite", "model.onnx")
FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


def find_model(path: str | os.PathLike[str]) -> Path:
    """Finds the file of a model to predict with.

    Args:
        path: A run folder, an export folder, `hf://USER/NAME` for one on the
            Hub, or a `.keras`, `.tflite` or `.onnx` file. Of an export folder
            it is the file that its `kerasfg.json` recommends.

    Returns:
        The `Path` of a file.

    Raises:
        ValueError: If there is no such model; for another file it names what it
            is.
    """
    file = local_folder(path)
    finish_if_interrupted(file if file.is_dir() else file.parent)
    if file.is_dir():
        manifest = read_manifest(file)
        recommended = [(manifest or {}).get("recommended")]
        for name in (*filter(None, recommended), *MODELS):
            if (file / name).is_file():
                return file / name
        if manifest is not None:
            RunFolder(file).check_trained()
    elif file.is_file() and file.suffix in (".tflite", ".onnx"):
        return file
    if file.is_file() and file.suffix == ".keras":
        check_format(file)
        return file
    raise ValueError(
        "A model must be a run folder, an export folder, or a .keras, .tflite "
        f"or .onnx file. Received: model={str(file)!r}{_what(file)}"
    )


def _what(path):
    """Describes a file or folder of another kind, if it exists."""
    if not path.exists():
        return ""
    try:
        check_format(path)
    except ValueError as error:
        found = str(error).partition(", but this is ")[2]
        return f", {found.rpartition('. Received: ')[0]}"
    return ", a .keras file with another ending: rename it"


def find_pictures(
    paths: Iterable[str | os.PathLike[str]],
) -> list[Path | OpenablePath]:
    """Lists the pictures among files and folders.

    Args:
        paths: Files of any kind, folders to search, as
            `kerasfg.data.files.find.find_files` does for a training, archives
            and lists of pictures, and addresses.

    Returns:
        List of `Path`, or `OpenablePath` where that is needed. A warning
        counts what is left out.

    Raises:
        ValueError: If a path does not exist, or is a pipe or the like, or
            there is no picture.
    """
    files, paths = [], list(paths)
    check_picture_paths(paths)
    for path in paths:
        if is_elsewhere(path):
            kinds: collections.Counter[str] = collections.Counter()
            with arguments_named(directory="pictures"):
                for file in walk_elsewhere(path, kinds):
                    is_here = not isinstance(file, OpenablePath)
                    files.append(Path(file) if is_here else file)
            _warn(path, [("", kind) for kind in kinds.elements()])
            continue
        path = Path(path)
        if not path.is_dir():
            files.append(path)
            continue
        found = find_files(path)
        files += [Path(f.path) for f in found.pictures if not f.problem]
        _warn(path, found.left_out + _unreadable(found))
    if not files:
        raise ValueError(
            "There must be at least one picture in the folders. "
            f"Received: pictures={[str(path) for path in paths]}"
        )
    return files


def _warn(path, left_out):
    counted = describe_left_out(left_out)
    if counted:
        warnings.warn(f"Left out of {path}: {counted}.", stacklevel=3)


def check_picture_paths(paths):
    """Checks that files and folders exist; no server is contacted.

    Args:
        paths: As of `find_pictures`.

    Raises:
        ValueError: If one does not exist, or is a pipe or the like, or an
            address is not opened.
        ImportError: If a package for an address is not installed.
    """
    for path in paths:
        if is_remote(path):
            with arguments_named(directory="pictures"):
                check_elsewhere(path)
            continue
        path = Path(path)
        if not path.exists():
            raise ValueError(
                "Pictures and folders must exist. "
                f"Received: pictures={str(path)!r}"
            )
        problem = None if path.is_dir() else problem_of(path)
        if problem:  # opening a pipe would wait for ever
            raise ValueError(
                "A picture must be a file. "
                f"Received: pictures={str(path)!r}, which is {problem}"
            )


def _unreadable(found):
    """Returns the pictures that cannot be opened, with their kinds."""
    kinds = {
        "a broken link": BROKEN_LINK,
        "neither a file nor a folder": SPECIAL,
    }
    return [
        (file.name, kinds.get(file.problem, UNREADABLE))
        for file in found.pictures
        if file.problem not in (None, A_FOLDER)
    ]


def check_exportable(path, data=None, description=None):
    """Checks that a model and its labelled pictures exist.

    Args:
        path: A run folder, `hf://USER/NAME`, or a `.keras` file.
        data: Folder of pictures; required for a file. Defaults to `None`.
        description: `Description` of a file; a run needs none. Defaults to
            `None`.

    Raises:
        ValueError: If one of them does not exist.
    """
    address, path = hub_address(path), local_folder(path)
    if address and data is None:
        raise ValueError(
            "A model on the Hub comes without pictures, and its files are "
            "verified on those of its training: give their place as `data`. "
            f"Received: model={str(address)!r} without `data`"
        )
    if path.is_dir() and not is_model_folder(path):
        RunFolder(path).check_trained()
        if description is not None:
            description.check_unused("a run folder")
        return
    if path.exists() and (path.suffix == ".keras" or path.is_dir()):
        check_format(path)
    if path.suffix != ".keras" or not path.is_file():
        raise ValueError(
            "The model must be a run folder or a .keras file. "
            f"Received: model={str(path)!r}{_what(path)}"
        )
    if data is None:
        raise ValueError(
            "A .keras file is verified on real pictures: pass their folder, "
            "with one folder per class, as `data`, or pass a run folder "
            "instead of the file. Received: data=None"
        )
    level = 0
    if description is not None:
        description.class_names()
        level = description.class_level or 0
    with arguments_named(directory="data"):
        check_places(data, level)


def is_model_folder(path):
    """Returns whether a folder holds a model of another kind, not a run.

    Args:
        path: `Path` of anything.
    """
    others = ("saved_model.pb", "model.json", "config.json")
    return not (path / "recipe.toml").exists() and any(
        (path / name).exists() for name in others
    )


def check_first_weights(recipe):
    """Checks that there are the weights that a recipe begins with.

    Args:
        recipe: A `Recipe`.

    Raises:
        ValueError: If it names a trained model, or a preset's folder, that is
            not there.
    """
    weights = recipe.model.weights
    if weights in (None, "imagenet", "none", "teacher") or "://" in weights:
        return
    if not os.path.isdir(weights) and not os.path.isfile(weights):
        raise ValueError(
            "`weights` must be imagenet, none, teacher, a run folder or .keras "
            "file of kerasfg, the folder or address of a KerasHub preset, or, "
            "of mobilenet_v1_025, an .h5 file. "
            f"Received: weights={weights!r}"
        )
    check_recipe_is_there(weights)
    with arguments_named(run="weights", model="weights"):
        if (Path(weights) / "recipe.toml").exists():
            RunFolder(weights).check_trained()
        elif os.path.isfile(weights) and not _of_mobilenet(recipe):
            check_format(Path(weights))


def _of_mobilenet(recipe):
    """Whether they are a file that only this backbone can begin with."""
    model = recipe.model
    is_h5 = Path(model.weights).suffix == ".h5"
    return model.backbone == "mobilenet_v1_025" and is_h5


def check_figure_file(path):
    """Checks that a figure can be written to a path.

    Args:
        path: Path of a .png, .pdf or .svg file.

    Raises:
        ValueError: If it has another suffix, or its folder does not exist.
    """
    path = Path(path)
    if path.suffix not in FIGURE_SUFFIXES or not path.parent.is_dir():
        raise ValueError(
            f"The picture must be one of {', '.join(FIGURE_SUFFIXES)}, in a "
            f"folder that exists. Received: out={str(path)!r}"
        )
