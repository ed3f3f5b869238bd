"""Adds and reads labels and preprocessing inside a .tflite file.

The format is the one that MediaPipe's ImageClassifier and the LiteRT sample
apps read: https://ai.google.dev/edge/litert/models/metadata
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from kerasfg.export.tflite_file.associated_files import append_files
from kerasfg.export.tflite_file.associated_files import read_files
from kerasfg.export.tflite_file.model_metadata import decode_metadata
from kerasfg.export.tflite_file.model_metadata import encode_metadata
from kerasfg.export.tflite_file.named_buffer import find_buffer
from kerasfg.export.tflite_file.named_buffer import with_buffer

_LABELS = "labels_without_background.txt"  # the Android samples need this name
_DIGEST = "model.sha256"
_NAME = "TFLITE_METADATA"


def add_metadata(
    contents: bytes,
    *,
    class_names: Sequence[str],
    image_size: int,
    name: str,
    description: str = "",
    author: str = "",
    license: str = "",
    version: str = "",
    familiarity: bool = False,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Adds the metadata that an app needs to a `.tflite` model.

    The network does not change. An uncompressed zip archive is appended with
    the labels, one per line, the given files, and the SHA-256 of everything
    before the archive. Quantize first, since the quantizers drop the archive.

    MediaPipe resizes larger pictures without cropping them to a square and
    without antialiasing. So pass it pictures of the input's size.

    Args:
        contents: Bytes of a model from one uint8 picture to one vector of
            probabilities, without metadata.
        class_names: Names in the order of the labels.
        image_size: Height and width of the input, in pixels.
        name: Name of the model.
        description: Purpose of the model. Defaults to `""`.
        author: Author of the model. Defaults to `""`.
        license: Licence of the model. Defaults to `""`.
        version: Version of the model. Defaults to `""`.
        familiarity: Whether the model has a second output of one number, how
            familiar the picture is; MediaPipe takes no such model. Defaults
            to `False`.
        files: `{filename: bytes}` to append. Defaults to `None`.

    Returns:
        Bytes of the model with its metadata. They depend only on the
        arguments.

    Raises:
        ValueError: If the model already has metadata, a class name is not one
            line, or the name of a file is not allowed.

    Example:

    ```python
    contents = add_metadata(
        pathlib.Path("model.tflite").read_bytes(),
        class_names=("bluebell", "crocus"),
        image_size=32,
        name="Flowers",
    )
    ```
    """
    if find_buffer(contents, _NAME) is not None:
        raise ValueError(
            "The model must not have metadata yet: use the file as it was "
            f"converted. Received: metadata named {_NAME}"
        )
    files = dict(sorted((files or {}).items()))
    _check_filenames(files)
    texts = {
        "name": name,
        "description": description,
        "author": author,
        "license": license,
        "version": version,
    }
    names = (*files, _DIGEST)
    buffer = encode_metadata(texts, image_size, _LABELS, names, familiarity)
    contents = with_buffer(contents, _NAME, buffer)
    labels = {_LABELS: _labels(class_names)}
    return append_files(
        contents, {**labels, **files, _DIGEST: _digest(contents)}
    )


def read_metadata(contents: bytes) -> dict[str, Any] | None:
    """Reads the metadata of a `.tflite` model, which may be malicious.

    Args:
        contents: Bytes of the model.

    Returns:
        Dictionary of the arguments of `add_metadata`: `class_names` (a tuple),
        `image_size`, `name`, `description`, `author`, `license`, `version` and
        `files`. In files of other programs `image_size` may be `None` and the
        other values empty. `None` for a model without metadata.

    Raises:
        ValueError: If `contents` is not a model, or its metadata is broken,
            truncated, changed since it was written, or larger than 16 MiB.
    """
    files, end = read_files(contents)
    _check_digest(files.get(_DIGEST), memoryview(contents)[:end])
    buffer = find_buffer(contents, _NAME)
    if buffer is None:
        return None
    texts, image_size, labels, names = decode_metadata(buffer)
    missing = {*names, labels} - {None, *files}
    if missing:
        raise ValueError(
            "the model must contain all files in its metadata: it was "
            "truncated, or quantized after they were added. "
            f"Received: {', '.join(sorted(missing))} missing"
        )
    others = {*files} - {_DIGEST, labels}
    return {
        "class_names": _class_names(files[labels]) if labels else (),
        "image_size": image_size,
        **texts,
        "files": {name: files[name] for name in sorted(others)},
    }


def _check_filenames(files):
    for name in files:
        is_plain = re.fullmatch(r"[\w.-]+", name, re.ASCII)
        if not is_plain or name in (_LABELS, _DIGEST):
            raise ValueError(
                "A file in a model must have a plain name, letters, digits, "
                f"'.', '_' and '-', not {_LABELS} or {_DIGEST}. "
                f"Received: {name!r}"
            )


def _labels(class_names):
    for name in class_names:
        if name.splitlines() != [name]:
            raise ValueError(
                f"The name of a class must be one line. Received: {name!r}"
            )
    return "".join(f"{name}\n" for name in class_names).encode()


def _class_names(labels):
    try:
        return tuple(labels.decode().splitlines())
    except UnicodeDecodeError as error:
        raise ValueError(f"the labels are not UTF-8: {error}") from error


def _check_digest(digest, model):
    if digest is not None and digest != _digest(model):
        raise ValueError(
            "the model was changed since its metadata was added: its SHA-256 "
            f"differs from the one in the file. Received: {_digest(model)}"
        )


def _digest(contents):
    return hashlib.sha256(contents).hexdigest().encode()
