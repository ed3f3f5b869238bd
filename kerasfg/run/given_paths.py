"""Checks the paths that a user passes, before anything is loaded."""

import os
import warnings
from collections.abc import Iterable
from pathlib import Path

from kerasfg.config.names import arguments_named
from kerasfg.data.files.find import find_files
from kerasfg.data.files.left_out import describe_left_out
from kerasfg.data.sources.place import check_places
from kerasfg.run.run_folder import RunFolder

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


def find_model(path: str | os.PathLike[str]) -> Path:
    """Finds the file of a model to predict with.

    Args:
        path: A run folder, an export folder, or a `.keras`, `.tflite` or
            `.onnx` file.

    Returns:
        The `Path` of a file.

    Raises:
        ValueError: If there is no such model.
    """
    path = Path(path)
    if path.is_dir():
        for name in ("model.keras", "model.tflite", "model.onnx"):
            if (path / name).is_file():
                return path / name
    if path.is_file() and path.suffix in (".keras", ".tflite", ".onnx"):
        return path
    raise ValueError(
        "A model must be a run folder, an export folder, or a .keras, .tflite "
        f"or .onnx file. Received: model={str(path)!r}"
    )


def find_pictures(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Lists the pictures among files and folders.

    Args:
        paths: Files of any kind, and folders to search, as
            `kerasfg.data.files.find.find_files` does for a training.

    Returns:
        List of `Path`. A warning counts what is left out.

    Raises:
        ValueError: If a path does not exist or there is no picture.
    """
    files = []
    for path in map(Path, paths):
        if not path.exists():
            raise ValueError(
                "Pictures and folders must exist. "
                f"Received: pictures={str(path)!r}"
            )
        if not path.is_dir():
            files.append(path)
            continue
        found = find_files(path)
        files += [file.path for file in found.pictures if not file.problem]
        counted = describe_left_out(found.left_out)
        if counted:
            warnings.warn(f"Left out of {path}: {counted}.", stacklevel=2)
    if not files:
        raise ValueError(
            "There must be at least one picture in the folders. "
            f"Received: pictures={[str(path) for path in paths]}"
        )
    return files


def check_exportable(path, data=None):
    """Checks that a model to export and its pictures exist.

    Args:
        path: A run folder, or a `.keras` file.
        data: Folder of pictures; required for a file. Defaults to `None`.

    Raises:
        ValueError: If one of them does not exist.
    """
    path = Path(path)
    if path.is_dir():
        RunFolder(path).check_trained()
        return
    if path.suffix != ".keras" or not path.is_file():
        raise ValueError(
            "Only a run folder or a .keras file can be exported. "
            f"Received: model={str(path)!r}"
        )
    if data is None:
        raise ValueError(
            "A .keras file is verified on real pictures: pass their folder, "
            "with one folder per class, as `data`, or pass a run folder "
            "instead of the file. Received: data=None"
        )
    with arguments_named(directory="data"):
        check_places(data)


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
