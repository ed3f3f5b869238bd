"""Copies some files of an export for an app."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable
from typing import Any

from kerasfg.export.interrupted_swap import finish_if_interrupted
from kerasfg.export.replaced_files import replaced_files
from kerasfg.export.runtime.file_contents import read_contents
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest
from kerasfg.manifest import write_manifest


def bundle(
    exported: str | os.PathLike[str],
    out: str | os.PathLike[str],
    files: str | Iterable[str] | None = None,
) -> dict[str, Any]:
    """Copies what an app needs from an export: models, labels, kerasfg.json.

    Only a file that was verified can be copied. The new `kerasfg.json` lists
    the copied files only.

    Args:
        exported: Folder that `export` wrote.
        out: Folder: a new or empty one, or that of an earlier bundle, whose
            files are replaced.
        files: Names such as `"model_int8.tflite"`. Defaults to `None`: the
            recommended one, otherwise `model.tflite`.

    Returns:
        The content of the new `kerasfg.json`.

    Raises:
        ValueError: If `exported` is no export, has no such file, or a file was
            changed since.

    Example:

    ```python
    bundle("run/export", "app/flowers", ["model_int8.tflite"])
    ```
    """
    exported = pathlib.Path(exported)
    manifest = read_export(exported)
    names = _names(manifest, files)
    contents = {name: _read(exported / name) for name in names}
    recommended = manifest["recommended"]
    manifest = {
        **manifest,
        "files": {name: manifest["files"][name] for name in names},
        "refused": {},
        "recommended": recommended if recommended in names else None,
    }
    with replaced_files(out) as directory:
        for name in names:
            (directory / name).write_bytes(contents[name])
        write_manifest(manifest, directory)
    return manifest


def read_export(exported):
    """Reads the `kerasfg.json` of a folder that must be an export.

    Args:
        exported: The folder.

    Raises:
        ValueError: If the folder has no such file, or is that of a training.
    """
    finish_if_interrupted(exported)
    manifest = read_manifest(exported)
    if manifest is None or not manifest["files"]:
        raise ValueError(
            f"An export is a folder with a {MANIFEST} that lists its files, as "
            f"`kerasfg export` writes it. Received: exported={str(exported)!r}"
        )
    return manifest


def _read(filepath):
    if not filepath.exists():
        raise ValueError(
            f"The {MANIFEST} of an export lists its files, and each must be "
            f"there: export it again. Received: no {filepath}"
        )
    return read_contents(filepath)[0]


def _names(manifest, files):
    if files is None:
        files = [manifest["recommended"] or "model.tflite"]
    names = [files] if isinstance(files, str) else list(files)
    for name in names:
        if name in manifest["refused"]:
            raise ValueError(
                f"{name} was refused: {manifest['refused'][name]} "
                f"Received: files={names}"
            )
        if name not in manifest["files"]:
            raise ValueError(
                "The export must have the file; it has "
                f"{', '.join(manifest['files'])}. Received: files={names}"
            )
    return names
