"""kerasfg.json: what an exported model is and what it needs."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

MANIFEST = "kerasfg.json"
LABELS = "labels.txt"
REPORTS = ("report.json", "report.md")
FORMAT = 2
_TEXTS = ("name", "description", "author", "license", "version")
# What only the caller knows, and what is written where nothing is said.
GIVEN = {
    **dict.fromkeys(_TEXTS, ""),
    "crop": "center",
    "temperature": None,
    "threshold": None,
    "class_attributes": None,
    "accuracy": None,
    "recipe": None,
}
_OWN = {
    "class_names",
    "files",
    "filter",
    "format",
    "image_size",
    "recommended",
    "refused",
    "self_test",
    "variant",
    "versions",
}


def read_manifest(
    directory: str | os.PathLike[str],
) -> dict[str, Any] | None:
    """Reads the `kerasfg.json` of a folder of exported files.

    Args:
        directory: The folder.

    Returns:
        Its content as a dictionary: `name`, `image_size`, `crop`, `filter`,
        `class_names`, `class_attributes`, `temperature`, `threshold`,
        `self_test`, `files`, `refused`, `recommended`, `versions` and more;
        `None` where there is no such file. Where the model sees only the
        middle of what is cropped, `crop_fraction` says how much of its sides.

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


def make_metadata(image_size, class_names, metadata, self_test, versions):
    """Returns what is said of the model, whichever the file.

    Args:
        image_size: N, in pixels.
        class_names: Tuple of strings.
        metadata: Dictionary: some of `GIVEN`, and anything else that is to
            travel with the model.
        self_test: Dictionary with the picture of the self-test.
        versions: `{package: version}`.

    Raises:
        ValueError: If `metadata` cannot be written as JSON, or has a key that
            the export writes itself.
    """
    check_metadata(metadata)
    return {
        "format": FORMAT,
        "image_size": image_size,
        "filter": "bicubic",
        "class_names": list(class_names),
        "self_test": self_test,
        **GIVEN,
        **metadata,
        "versions": dict(sorted(versions.items())),
    }


def check_metadata(metadata):
    """Raises `ValueError` for metadata that `make_metadata` cannot take."""
    reserved = sorted(_OWN & set(metadata))
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
    fraction = metadata.get("crop_fraction", 1.0)
    if type(fraction) not in (int, float) or not 0 < fraction <= 1:
        raise ValueError(
            "`crop_fraction` must be a number above 0 and at most 1. "
            f"Received: crop_fraction={fraction!r}"
        )
    for key in _TEXTS:
        if not isinstance(metadata.get(key, ""), str):
            raise ValueError(
                f"`{key}` must be a text. Received: {key}={metadata[key]!r}"
            )
    try:
        json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`metadata` cannot be written as JSON: {error}"
        ) from error


def texts(card):
    """Returns the name, description, author, licence and version."""
    return {key: card[key] for key in _TEXTS}


def to_json(value):
    """Returns JSON text, indented, that people can read as well."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def write_manifest(manifest, directory):
    """Writes `kerasfg.json` and `labels.txt`, one class per line."""
    directory = pathlib.Path(directory)
    (directory / MANIFEST).write_text(to_json(manifest) + "\n", "utf-8")
    labels = "".join(f"{name}\n" for name in manifest["class_names"])
    (directory / LABELS).write_text(labels, "utf-8")


def _is_manifest(manifest):
    return (
        isinstance(manifest, dict)
        and manifest.get("format") == FORMAT
        and (_OWN - {"variant"}) | set(GIVEN) <= set(manifest)
        and isinstance(manifest["files"], dict)
        and all(isinstance(x, dict) for x in manifest["files"].values())
    )
