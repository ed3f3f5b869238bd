"""Tries the files of an export on what apps make of original pictures."""

import contextlib

from kerasfg.export.runtime.child_classifier import ChildClassifier
from kerasfg.export.wanted_files import FLOAT32


def try_clients(directory, entries, recommended, clients):
    """Tries the float32 files of one format, and the recommended file.

    The others differ little from these, and each takes seconds. Equal files
    are tried once.

    Args:
        directory: `Path` of the folder of the files.
        entries: `files` of the manifest.
        recommended: Name of the recommended file, or `None`.
        clients: Function from a list of dictionaries of `name`, `takes`,
            `image_size`, `predict` and `path`, one for each file.

    Returns:
        What `clients` returns.
    """
    formats = [entry["format"] for entry in entries.values()]
    first = "tflite" if "tflite" in formats else "onnx"
    names = [
        name
        for name, entry in sorted(entries.items())
        if entry["variant"] == FLOAT32 and entry["format"] == first
    ]
    if recommended in entries:
        names.append(recommended)
    hashes = {entries[name]["sha256"]: name for name in reversed(names)}
    with contextlib.ExitStack() as stack:
        files = []
        for name in dict.fromkeys(reversed(hashes.values())):
            path, entry = directory / name, entries[name]
            runtime = stack.enter_context(
                ChildClassifier(path.read_bytes(), entry["format"])
            )
            files.append(
                {
                    "name": name,
                    "takes": entry["takes"],
                    "image_size": entry["image_size"],
                    "predict": runtime.predict,
                    "path": path,
                }
            )
        return clients(files)
