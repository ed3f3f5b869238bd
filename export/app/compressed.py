"""Compresses the files of a folder for browsers that accept it."""

import gzip
import os
import pathlib
import shutil

# What shrinks: the runtime's .wasm to a third. Models and pictures do not.
SUFFIXES = frozenset(
    (".css", ".html", ".js", ".json", ".mjs", ".txt", ".wasm", ".webmanifest")
)


def compress_folder(folder, out):
    """Compresses the files whose type becomes smaller by it.

    Args:
        folder: Folder of an app.
        out: Empty folder for the compressed files, of the same names and times.
    """
    folder, out = pathlib.Path(folder), pathlib.Path(out)
    for file in sorted(folder.rglob("*")):
        if file.suffix not in SUFFIXES or not file.is_file():
            continue
        copy = out / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as source, gzip.open(copy, "wb", 6) as target:
            shutil.copyfileobj(source, target)
        times = file.stat()
        os.utime(copy, ns=(times.st_atime_ns, times.st_mtime_ns))


def takes_gzip(accepted):
    """Returns whether a browser that sends this `Accept-Encoding` takes gzip.

    Example:

    >>> takes_gzip("gzip, deflate, br"), takes_gzip("gzip;q=0, br")
    (True, False)
    """
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        if name.strip().lower() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")
    return False
