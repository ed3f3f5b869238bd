"""Reads a folder that has one folder of pictures for each class."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import pathlib
import re
import stat
import unicodedata
import warnings

import numpy as np
from PIL import Image

from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.progress import in_threads
from kerasfg.data.sources.source import Source
from kerasfg.data.splits import read_splits
from kerasfg.data.tables import find_names
from kerasfg.data.tables import posix_name
from kerasfg.data.tables import read_rows

# Pillow knows the suffixes of these formats, but has no decoder for them.
_NO_DECODER = {"BUFR", "GRIB", "HDF5", "IPTC", "MPEG", "PALM", "PDF"}

# Unicode categories that class names must not have: control characters, bytes
# that are not UTF-8, line and paragraph separators.
_NO_TEXT = {"Cc", "Cs", "Zl", "Zp"}


def from_folder(
    directory: str | os.PathLike[str], strict: bool = False
) -> Source:
    """Finds the pictures of a folder with one folder per class.

    Classes and pictures are in natural order (`2.jpg` before `10.jpg`).
    Pictures in subfolders of a class folder belong to the class, and links are
    followed. Hidden files and files without the suffix of a picture format are
    ignored. Nothing is decoded yet: `kerasfg.data.pixels.cache.prepare`
    reports files that are not pictures.

    Two optional tables in the folder are read: `splits.csv` (`path,split`) and
    `near_duplicates.csv` (`path_a,path_b`), whose pairs of pictures always get
    the same split. Their paths are relative to the folder.

    Args:
        directory: Path of the folder.
        strict: Whether `prepare` raises an error for a picture that cannot be
            decoded. Defaults to `False`: it warns and skips the picture.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If the folder does not have one folder of pictures per
            class, or a table names other pictures.
    """
    directory = pathlib.Path(directory)
    files = _find(directory)
    names = tuple(file.name for file in files)
    class_names = tuple(dict.fromkeys(file.class_name for file in files))
    index = {name: label for label, name in enumerate(class_names)}
    return Source(
        class_names=class_names,
        names=names,
        labels=np.array([index[file.class_name] for file in files], np.int32),
        digests=tuple(in_threads(_digest, files, "Reading files")),
        read=functools.partial(_read, files),
        splits=_read_splits(directory / "splits.csv", names),
        groups=_read_groups(directory / "near_duplicates.csv", names),
        strict=strict,
    )


@dataclasses.dataclass(frozen=True)
class _File:
    class_name: str
    name: str
    path: pathlib.Path
    problem: str | None = None


def check_directory(directory):
    """Raises `ValueError` unless there is a folder at a path.

    Args:
        directory: The path.
    """
    directory = pathlib.Path(directory)
    if not directory.is_dir():
        kind = "a file" if directory.exists() else "missing"
        raise ValueError(
            "Argument `directory` must be a folder with one folder per class. "
            f"Received: directory={str(directory)!r}, which is {kind}"
        )


def _find(directory):
    """Lists the pictures of each class, checking the classes."""
    check_directory(directory)
    suffixes = picture_suffixes()
    entries = _entries(directory)
    folders = [entry for entry in entries if entry.is_dir()]
    loose = [
        entry.name
        for entry in entries
        if not entry.is_dir() and _suffix(entry.name) in suffixes
    ]
    _check_classes(directory, folders, loose)
    files = []
    for folder in folders:
        # File systems store accented letters in different ways.
        class_name = unicodedata.normalize("NFC", folder.name)
        found = _walk(folder, class_name, folder.name, suffixes, set())
        files.append(list(found))
    empty = [
        folder.name
        for folder, found in zip(folders, files, strict=True)
        if not found
    ]
    if empty:
        raise ValueError(
            "Every class folder must hold pictures. Add pictures to the empty "
            "folders or remove them. "
            f"Received: directory={str(directory)!r}, empty={empty}"
        )
    return [file for found in files for file in found]


def _check_classes(directory, folders, loose):
    received = f"Received: directory={str(directory)!r}"
    if not folders and loose:
        raise ValueError(
            f"{len(loose)} pictures are directly in the folder. Move them into "
            f"one folder per class, named like the class. {received}"
        )
    if not folders:
        raise ValueError(
            "The folder is empty. It must hold one folder of pictures per "
            f"class. {received}"
        )
    names = [folder.name for folder in folders]
    if len(folders) == 1:
        raise ValueError(
            "The folder must hold at least two class folders. "
            f"{received}, classes={names}"
        )
    _check_names(names, received)
    if loose:
        warnings.warn(
            f"{len(loose)} pictures are in no class folder of {directory} and "
            f"are left out: {', '.join(loose)}",
            stacklevel=4,
        )


def _check_names(names, received):
    folder_names = {}  # by normalized name
    for name in names:
        if any(unicodedata.category(char) in _NO_TEXT for char in name):
            raise ValueError(
                "The name of a class must be one line of UTF-8 text without "
                f"control characters. Rename the folder {name!r}. {received}"
            )
        key = unicodedata.normalize("NFC", name).casefold()
        if key in folder_names:
            raise ValueError(
                f"The classes {folder_names[key]!r} and {name!r} differ only "
                "in upper and lower case or in how accents are stored. Rename "
                f"or merge them. {received}"
            )
        folder_names[key] = name


def _walk(folder, class_name, prefix, suffixes, visited):
    """Yields the pictures in a folder and its subfolders."""
    status = folder.stat()
    if (status.st_dev, status.st_ino) in visited:
        return  # a link to a folder that was visited before
    visited.add((status.st_dev, status.st_ino))
    try:
        entries = _entries(folder)
    except OSError as error:
        yield _File(class_name, prefix, folder, _reason(error))
        return
    for entry in entries:
        name = f"{prefix}/{entry.name}"
        is_picture = _suffix(entry.name) in suffixes
        problem = _problem(entry)
        if is_picture:
            yield _File(class_name, name, entry, problem)
        if entry.is_dir():
            yield from _walk(entry, class_name, name, suffixes, visited)


def _entries(folder):
    entries = [e for e in folder.iterdir() if not e.name.startswith(".")]
    return sorted(entries, key=lambda entry: _natural(entry.name))


def _natural(name):
    parts = re.split(r"(\d+)", name)
    parts[1::2] = map(int, parts[1::2])
    return parts, name


def picture_suffixes():
    """Returns the suffixes of the picture formats that Pillow decodes.

    Returns:
        Set of strings in lower case, with the dot.
    """
    known = Image.registered_extensions()  # also loads every decoder
    return {suffix for suffix, name in known.items() if name not in _NO_DECODER}


def _suffix(name):
    return os.path.splitext(name)[1].lower()


def _problem(path):
    """Returns why the path is not a readable file, or `None` if it may be."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return "a broken link" if path.is_symlink() else _reason(error)
    if stat.S_ISDIR(mode):
        return "a folder with the name of a picture"
    # Opening a pipe would block for ever.
    return None if stat.S_ISREG(mode) else "neither a file nor a folder"


def _reason(error):
    return error.strerror or str(error)


def _digest(file):
    if file.problem:
        return "unreadable"
    try:
        with open(file.path, "rb") as opened:
            digest = hashlib.file_digest(
                opened, lambda: hashlib.blake2b(digest_size=16)
            )
    except OSError:
        return "unreadable"
    return digest.hexdigest()


def _read(files, index):
    file = files[index]
    if file.problem:
        raise OSError(file.problem)
    return decode_image(file.path)


def _read_splits(filepath, names):
    if not filepath.exists():
        return None
    given = read_splits(filepath)
    positions = find_names(filepath, given, names)
    splits = np.full(len(names), "", dtype="<U6")
    splits[positions] = list(given.values())
    return splits


def _read_groups(filepath, names):
    if not filepath.exists():
        return None
    rows = read_rows(filepath, ("path_a", "path_b"))
    paths = [
        posix_name(row[column])
        for _, row in rows
        for column in ("path_a", "path_b")
    ]
    positions = find_names(filepath, paths, names)
    parents = list(range(len(names)))

    def root(index):
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for a, b in zip(positions[::2], positions[1::2], strict=True):
        parents[root(a)] = root(b)
    roots = [root(index) for index in range(len(names))]
    return np.unique(roots, return_inverse=True)[1].astype(np.int32)
