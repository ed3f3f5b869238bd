"""Checks the paths that a user passes, before anything is loaded."""

import os
from pathlib import Path

from kerasfg.data.sources.folder import check_directory
from kerasfg.data.sources.folder import picture_suffixes
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


def find_pictures(paths):
    """Lists the pictures among files and folders.

    Args:
        paths: Files of any kind, and folders to search.

    Returns:
        List of `Path`.

    Raises:
        ValueError: If a path does not exist or there is no picture.
    """
    files = []
    suffixes = picture_suffixes()
    for path in map(Path, paths):
        if not path.exists():
            raise ValueError(
                "Pictures and folders must exist. "
                f"Received: pictures={str(path)!r}"
            )
        if path.is_dir():
            files += sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in suffixes and file.is_file()
            )
        else:
            files.append(path)
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
    check_directory(data)


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
