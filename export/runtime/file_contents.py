"""Reads an exported file, and checks that it is the verified one."""

import hashlib
import pathlib

from kerasfg.export.interrupted_swap import finish_if_interrupted
from kerasfg.export.metadata import read_metadata
from kerasfg.export.onnx_file.own_hash import check_hash
from kerasfg.given_file import read_given
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest

MAX_BYTES = 512 * 2**20
CHECKED = "checked"
UNKNOWN = "unknown"


def read_contents(filepath):
    """Reads an exported file, once, and checks its SHA-256.

    Args:
        filepath: `.tflite` or `.onnx` file.

    Returns:
        `(contents, integrity)`: its bytes, and `"checked"`, or `"unknown"`
        if no `kerasfg.json` in its folder lists the file. An `.onnx` file that
        is not listed is checked against the hash that it carries; that of a
        `.tflite` file is part of its metadata, see `check_metadata`.

    Raises:
        ValueError: If it is missing, has another ending, is too large, or is
            not the file that was verified.
        OSError: If it cannot be read.
    """
    filepath = pathlib.Path(filepath)
    if filepath.suffix not in (".tflite", ".onnx"):
        raise ValueError(
            "An exported model ends in .tflite or .onnx. "
            f"Received: filepath={filepath}"
        )
    finish_if_interrupted(filepath.parent)
    if not filepath.exists():
        raise ValueError(
            "An exported file must be there: export the model again. "
            f"Received: filepath={str(filepath)!r}, which is missing"
        )
    size = filepath.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(
            f"{filepath}: a model for a phone is smaller than "
            f"{MAX_BYTES // 2**20} MiB. Received: {size} bytes"
        )
    contents = read_given(filepath, "A model", MAX_BYTES)
    manifest = read_manifest(filepath.parent)
    if manifest is None or filepath.name not in manifest["files"]:
        if filepath.suffix == ".onnx":
            _check_own_hash(filepath, contents)
        return contents, UNKNOWN
    digest = hashlib.sha256(contents).hexdigest()
    if digest != manifest["files"][filepath.name]["sha256"]:
        raise ValueError(
            f"{filepath} is not the file that was verified: its SHA-256 must "
            f"be the one in the {MANIFEST} of its folder. Export it again. "
            f"Received: {digest}"
        )
    return contents, CHECKED


def _check_own_hash(filepath, contents):
    try:
        check_hash(contents)
    except ValueError as error:
        raise ValueError(f"{filepath}: the model is broken: {error}") from error


def check_metadata(filepath, contents):
    """Checks the metadata at the end of a `.tflite` file.

    Without this check, a file whose labels are cut off would still run.

    Args:
        filepath: Path of the file.
        contents: Its bytes.

    Raises:
        ValueError: If its metadata is cut off, broken, or of another network.
    """
    if pathlib.Path(filepath).suffix != ".tflite":
        return
    try:
        read_metadata(contents)
    except ValueError as error:
        raise ValueError(f"{filepath}: the model is broken: {error}") from error
