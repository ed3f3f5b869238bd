"""kerasfg.json: what an exported model is and what it needs."""

import json
import pathlib

MANIFEST = "kerasfg.json"
LABELS = "labels.txt"
FORMAT = 1
_KEYS = {
    "class_names",
    "crop",
    "files",
    "filter",
    "format",
    "image_size",
    "temperature",
    "threshold",
    "versions",
}


def read_manifest(directory):
    """Reads the `kerasfg.json` of a folder of exported files.

    Args:
        directory: The folder.

    Returns:
        Its content as a dictionary, with `image_size`, `crop`, `filter`,
        `class_names`, `temperature`, `threshold`, `files` and `versions`;
        `None` where there is no such file.

    Raises:
        ValueError: If it was not written by this version of kerasfg.
    """
    filepath = pathlib.Path(directory) / MANIFEST
    try:
        manifest = json.loads(filepath.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(f"{filepath} is not JSON: {error}") from error
    if not _is_manifest(manifest):
        raise ValueError(
            f"{filepath} was not written by this version of kerasfg. "
            "Export the model again, to another folder."
        )
    return manifest


def make_manifest(graph, class_names, metadata, files, versions):
    """Returns the content of `kerasfg.json`.

    Args:
        graph: `InferenceGraph`.
        class_names: Tuple of strings.
        metadata: Dictionary: `crop`, `temperature`, `threshold`, and anything
            else that is to travel with the model.
        files: `{filename: Verification}`.
        versions: `{package: version}`.

    Raises:
        ValueError: If `metadata` cannot be written as JSON, or has a key that
            the export writes itself.
    """
    manifest = {
        "format": FORMAT,
        "image_size": graph.image_size,
        "crop": "center",
        "filter": "bicubic",
        "class_names": list(class_names),
        "temperature": None,
        "threshold": None,
        "files": {name: _entry(files[name]) for name in sorted(files)},
        "versions": dict(sorted(versions.items())),
    }
    check_metadata(metadata)
    return {**manifest, **metadata}


def check_metadata(metadata):
    """Raises `ValueError` for metadata that `make_manifest` cannot take."""
    free = {"crop", "temperature", "threshold"}
    reserved = sorted((_KEYS - free) & set(metadata))
    if reserved:
        raise ValueError(
            "`metadata` must leave to the export what it writes itself. "
            f"Received: {', '.join(reserved)}"
        )
    if metadata.get("crop", "center") not in ("center", "whole"):
        raise ValueError(
            '`crop` must be "center" or "whole". '
            f"Received: crop={metadata['crop']!r}"
        )
    try:
        json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`metadata` cannot be written as JSON: {error}"
        ) from error


def write_manifest(manifest, directory):
    """Writes `kerasfg.json` and `labels.txt`, one class per line."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    directory = pathlib.Path(directory)
    (directory / MANIFEST).write_text(text + "\n", "utf-8")
    labels = "".join(f"{name}\n" for name in manifest["class_names"])
    (directory / LABELS).write_text(labels, "utf-8")


def _is_manifest(manifest):
    return (
        isinstance(manifest, dict)
        and _KEYS <= set(manifest)
        and manifest["format"] == FORMAT
        and isinstance(manifest["files"], dict)
        and all(isinstance(x, dict) for x in manifest["files"].values())
    )


def _entry(verification):
    return {
        "sha256": verification.sha256,
        "bytes": verification.bytes,
        "max_difference": verification.max_difference,
        "top_1_agreement": verification.top_1_agreement,
        "operators": list(verification.operators),
    }
