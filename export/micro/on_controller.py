"""Runs a file as a microcontroller does, and writes it as a C array."""

import dataclasses

import numpy as np

from kerasfg.export.micro.arena import estimate_arena
from kerasfg.export.micro.c_array import c_files
from kerasfg.export.micro.tflm_classifier import PACKAGE
from kerasfg.export.micro.tflm_classifier import tflm_version
from kerasfg.export.runtime.child_classifier import ChildClassifier

AGREEMENT = 0.98
_PICTURES = 256


def check_on_controller(found, contents, images):
    """Compares a file in TensorFlow Lite for Microcontrollers with LiteRT.

    Args:
        found: The `Verification` of the file, which LiteRT ran.
        contents: Bytes of the file without metadata.
        images: uint8 `(pictures, N, N, 3)`; some of them are used.

    Returns:
        `(found, facts)`: the `Verification` with further notes, and a
        dictionary of `arena_bytes` and, if `tflite-micro` is installed, else
        `None`, `tflm_version` and `tflm_agreement`, the share of the pictures
        with the same top class.

    Raises:
        ValueError: If it refuses the file.
        RuntimeError: If it does not run, or crashes.
    """
    version = tflm_version()
    if version is None:
        arena = estimate_arena(contents)
        note = (
            f"{found.name} was not run in the runtime of microcontrollers, "
            f"since {PACKAGE} is not installed (`pip install "
            "'kerasfg[micro]'`, on Linux): LiteRT ran it, and its arena is "
            f"estimated at {arena:,} bytes."
        )
        return _with_note(found, note), _facts(arena)
    rows = np.linspace(0, len(images) - 1, min(_PICTURES, len(images)))
    images = images[rows.astype(int)]
    with ChildClassifier(contents, "tflite") as classifier:
        expected = classifier.predict(images)
    with ChildClassifier(contents, "micro") as classifier:
        given = classifier.predict(images)
        arena = classifier.arena_bytes
    agreement = float(np.mean(given.argmax(axis=1) == expected.argmax(axis=1)))
    note = (
        f"{found.name} has the same top class in {PACKAGE} {version} as in "
        f"LiteRT for {100 * agreement:.1f} % of {len(images)} pictures, and "
        f"needs an arena of {arena:,} bytes there."
    )
    if agreement < AGREEMENT:
        failures = (*found.failures, f"{note} It must be {AGREEMENT:.0%}.")
        found = dataclasses.replace(found, failures=failures)
    return _with_note(found, note), _facts(arena, version, agreement)


def write_c_files(directory, contents, manifest, found, facts):
    """Writes the file as a C array.

    Args:
        directory: Folder to write in.
        contents: Bytes of the file without metadata.
        manifest: Content of `kerasfg.json`.
        found: The `Verification` of the file.
        facts: What `check_on_controller` gave.
    """
    texts = c_files(
        contents,
        manifest,
        found.operators,
        facts["arena_bytes"],
        facts["tflm_version"] is not None,
    )
    for name, text in texts.items():
        (directory / name).write_text(text, "ascii", newline="\n")


def _with_note(found, note):
    return dataclasses.replace(found, notes=(*found.notes, note))


def _facts(arena_bytes, version=None, agreement=None):
    return {
        "arena_bytes": arena_bytes,
        "tflm_version": version,
        "tflm_agreement": agreement,
    }
