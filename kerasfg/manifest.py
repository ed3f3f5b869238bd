"""Reads and writes `kerasfg.json`, which describes the model of a folder."""

import functools
import json
import os
import pathlib

from kerasfg.atomic_file import replacing
from kerasfg.given_file import check_given
from kerasfg.manifest_schema import FORMAT
from kerasfg.manifest_schema import FRAME
from kerasfg.manifest_schema import GIVEN
from kerasfg.manifest_schema import TEXTS
from kerasfg.manifest_schema import as_current
from kerasfg.manifest_schema import check_manifest
from kerasfg.manifest_schema import check_metadata

MANIFEST = "kerasfg.json"
LABELS = "labels.txt"
MAX_BYTES = 16 * 2**20
_MOST_INDENTED = MAX_BYTES // 4  # characters, of up to four bytes


def read_manifest(directory):
    """Reads the `kerasfg.json` of a run folder or of an exported folder.

    The file may be anybody's: it is refused unless it is as
    `kerasfg.manifest_schema` describes it.

    Args:
        directory: The folder.

    Returns:
        Its content as a dictionary with the keys that
        `kerasfg.manifest_schema` lists; `None` where there is no such file.

    Raises:
        ValueError: If the file is larger than 16 MiB, is not JSON, or is not
            what this version of kerasfg writes.
    """
    filepath = pathlib.Path(directory) / MANIFEST
    if not os.path.lexists(filepath):
        return None
    try:
        manifest = as_current(_parse(_read_bytes(filepath)))
        check_manifest(manifest)
    except ValueError as error:
        raise ValueError(f"{filepath}: {error}") from error
    return manifest


def write_manifest(manifest, directory):
    """Writes `kerasfg.json` and `labels.txt`, one class per line.

    Each is written whole or not at all, `kerasfg.json` last.

    Args:
        manifest: Dictionary as `make_manifest` gives it.
        directory: Folder to write in.

    Raises:
        ValueError: If `read_manifest` would refuse the file.
    """
    check_manifest(manifest)
    labels = "".join(f"{name}\n" for name in manifest["class_names"])
    contents = _encoded(manifest)
    for name, content in {LABELS: labels.encode(), MANIFEST: contents}.items():
        with replacing(pathlib.Path(directory) / name) as temporary_path:
            temporary_path.write_bytes(content)


def make_manifest(
    image_size,
    class_names,
    metadata=None,
    self_test=None,
    versions=None,
    frame_size=None,
):
    """Returns the content of a `kerasfg.json` that lists no files yet.

    Args:
        image_size: Height and width that the network takes, in pixels.
        class_names: Texts, in the order of the labels.
        metadata: Dictionary: some of `GIVEN`, and anything else that is to
            travel with the model. Defaults to `None`.
        self_test: Dictionary with the picture of the self-test. Defaults to
            `None`: there is none.
        versions: `{package: version}`. Defaults to `None`: not known.
        frame_size: Height and width of the frames that exported files take,
            in pixels. Defaults to `None`: no files are exported.

    Raises:
        ValueError: If the arguments cannot be written.

    Example:

    >>> manifest = make_manifest(32, ["tit", "wren"], {"name": "Birds"})
    >>> manifest["name"], manifest["crop"], manifest["files"]
    ('Birds', 'center', {})
    """
    metadata = metadata or {}
    check_metadata(metadata)
    manifest = {
        "format": FORMAT,
        "image_size": image_size,
        "frame_size": frame_size,
        "filter": "bicubic",
        "class_names": list(class_names),
        "self_test": self_test,
        **GIVEN,
        **metadata,
        "versions": dict(sorted((versions or {}).items())),
        "files": {},
        "refused": {},
        "recommended": None,
    }
    check_manifest(manifest)
    _encoded(manifest)  # before any work for what would not be written
    return manifest


def input_side(manifest):
    """Returns the side of what an exported file takes, in pixels.

    Args:
        manifest: Content of the `kerasfg.json` inside the file.
    """
    key = "frame_size" if manifest.get("takes") == FRAME else "image_size"
    return manifest[key]


def texts(manifest):
    """Returns the name, description, author, licence and version."""
    return {key: manifest[key] for key in TEXTS}


def to_json(value):
    """Returns JSON text, indented for people unless it is very long."""
    dumps = functools.partial(
        json.dumps, value, ensure_ascii=False, allow_nan=False
    )
    text = dumps(indent=2)
    # A sixth is spaces where many classes have many attributes.
    if len(text) > _MOST_INDENTED:
        return dumps(separators=(",", ":"))
    return text


def _encoded(manifest):
    # A lone surrogate becomes \udcXX, which is how JSON writes it.
    text = to_json(manifest) + "\n"
    contents = text.encode("utf-8", "backslashreplace")
    if len(contents) > MAX_BYTES:
        raise ValueError(
            f"`{MANIFEST}` must not be larger than {MAX_BYTES // 2**20} MiB: "
            "train with fewer attributes of the classes, which `attribute` "
            f"names. Received: {len(contents)} bytes"
        )
    return contents


def _read_bytes(filepath):
    if filepath.is_symlink() and not filepath.exists():
        raise ValueError(
            "This is a link to a file that is missing: remove it. "
            f"Received: {os.readlink(filepath)!r}"
        )
    check_given(filepath, "The file", MAX_BYTES)
    with open(filepath, "rb") as file:
        contents = file.read(MAX_BYTES + 1)
    _check_length(contents)
    return contents


def _check_length(contents):
    if len(contents) > MAX_BYTES:
        raise ValueError(
            f"The file must not be larger than {MAX_BYTES // 2**20} MiB. "
            f"Received: {len(contents)} bytes or more"
        )


def _parse(contents):
    def refuse(constant):
        raise ValueError(f"{constant} is no number")

    try:
        return json.loads(contents.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            "The file is not JSON: train or export the model again. "
            f"Received: {error}"
        ) from error
