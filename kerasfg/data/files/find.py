"""Finds the pictures below a folder: the one search of all commands."""

from __future__ import annotations

import collections
import dataclasses
import os
import pathlib
import re
import stat
from collections.abc import Container
from collections.abc import Iterator

from kerasfg.data.files.formats import HEAD
from kerasfg.data.files.formats import RAW
from kerasfg.data.files.formats import is_picture
from kerasfg.data.files.formats import picture_suffixes
from kerasfg.data.files.formats import suffix_of
from kerasfg.data.files.left_out import BROKEN_LINK
from kerasfg.data.files.left_out import HIDDEN
from kerasfg.data.files.left_out import LINK_BACK
from kerasfg.data.files.left_out import SPECIAL
from kerasfg.data.files.left_out import SYSTEM
from kerasfg.data.files.left_out import UNREADABLE
from kerasfg.data.files.left_out import kind_of
from kerasfg.data.progress import in_threads
from kerasfg.status import status

# Files that operating systems write into folders, in lower case.
_SYSTEM_NAMES = {
    *("__macosx", "@eadir", "$recycle.bin", "system volume information"),
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "lost+found", "icon\r"),
}
A_FOLDER = "a folder with the name of a picture"


@dataclasses.dataclass(frozen=True, slots=True)
class FoundFile:
    """A picture file.

    Attributes:
        name: POSIX path relative to the folder that was searched.
        path: Its path, a string.
        problem: Why it cannot be read, if that is known. Defaults to `None`.
    """

    name: str
    path: str
    problem: str | None = None

    def open(self):
        """Opens it to read bytes; `OSError` if it has a problem."""
        if self.problem:
            raise OSError(self.problem)
        return open(self.path, "rb")


@dataclasses.dataclass(frozen=True)
class Found:
    """The files below a folder.

    Attributes:
        pictures: List of `FoundFile`: files with the suffix of a picture, and
            files that are pictures by their first bytes. In natural order
            (`2.jpg` before `10.jpg`), folders and files of a folder together.
        folders: Names of all folders that are not hidden, relative and POSIX.
        left_out: Pairs of the name of another file and its kind.
    """

    pictures: list[FoundFile]
    folders: list[str]
    left_out: list[tuple[str, str]]


def find_files(folder: str | os.PathLike[str]) -> Found:
    """Searches a folder and its subfolders for pictures.

    A picture is known by its suffix or by its first bytes. Names that begin
    with a dot and what systems put there (`Thumbs.db`, `__MACOSX`) are hidden.
    Links are followed, except those back to a folder that was searched already.

    Args:
        folder: Path of the folder.

    Returns:
        `Found`.

    Raises:
        OSError: If the folder itself cannot be read.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a").write_bytes(b"GIF89a")
    ...     _ = pathlib.Path(folder, "b.mp4").write_bytes(b"film")
    ...     found = find_files(folder)
    >>> [file.name for file in found.pictures], found.left_out
    (['a'], [('b.mp4', 'video')])
    """
    search = _Search(pathlib.Path(folder))
    with status("Finding pictures"):
        for _ in search.steps():
            pass
    return search.found()


def walk_pictures(
    folder: str | os.PathLike[str],
    left_out: collections.Counter[str] | None = None,
    ours: Container[str] = (),
) -> Iterator[FoundFile]:
    """Yields the pictures that `find_files` finds, while it searches.

    The first ones come at once, however many there are, and of the others
    nothing is kept.

    Args:
        folder: Path of the folder.
        left_out: Counts the files that are left out, by their kind. Defaults
            to `None`: they are not counted.
        ours: Absolute paths of files that are not counted. Defaults to `()`.

    Yields:
        Each `FoundFile`, in the order of `find_files`.

    Raises:
        OSError: If the folder itself cannot be read.
    """
    search = _Search(pathlib.Path(folder))
    for _ in search.steps():
        found = search.found(one_by_one=True)
        search.clear()
        if left_out is not None:
            left_out.update(
                kind
                for name, kind in found.left_out
                if os.path.abspath(os.path.join(folder, name)) not in ours
            )
        yield from found.pictures


class _Search:
    """A walk through a folder; files of unknown kind are opened at its end."""

    def __init__(self, root):
        self.root = root
        self.suffixes = picture_suffixes()
        self.clear()

    def clear(self):
        """Forgets what was found."""
        self.files = []  # FoundFile, or its name if its kind is unknown
        self.folders = []
        self.left_out = []

    def steps(self):
        """Searches, and yields after each file or folder."""
        facts = self.root.stat()
        home = (facts.st_dev, facts.st_ino)
        # Not recursive: folders may be deeper than Python's stack.
        stack = [(iter(_sorted_entries(self.root)), "", {home})]
        while stack:
            entries, prefix, visited = stack[-1]
            entry = next(entries, None)
            if entry is None:
                stack.pop()
                continue
            name = prefix + entry.name
            if is_hidden(entry.name):
                self._hide(entry, name)
            elif _is_folder(entry):
                # A folder may be reached once below each folder on top.
                seen = visited if prefix else {home}
                inside = self._enter(entry, name, seen)
                if inside is not None:
                    stack.append((iter(inside), f"{name}/", seen))
            else:
                self._add(entry, name)
            yield

    def _hide(self, entry, name):
        picture = suffix_of(name) in self.suffixes and not _is_folder(entry)
        # macOS keeps what its file systems cannot in files named ._NAME.
        loud = picture and not entry.name.startswith("._")
        self.left_out.append((name, HIDDEN if loud else SYSTEM))

    def _enter(self, entry, name, seen):
        """Returns the entries of a folder, `None` if it is not entered."""
        try:
            facts = entry.stat()
            if (facts.st_dev, facts.st_ino) in seen:
                self.left_out.append((name, LINK_BACK))
                return None
            seen.add((facts.st_dev, facts.st_ino))
            if "/" in name and suffix_of(name) in self.suffixes:
                self.files.append(FoundFile(name, self._path(name), A_FOLDER))
            inside = _sorted_entries(entry.path)
        except OSError as error:
            problem = FoundFile(name, self._path(name), reason(error))
            self.files.append(problem)
            inside = None
        self.folders.append(name)
        return inside

    def _add(self, entry, name):
        suffix = suffix_of(name)
        problem = _problem(entry)
        if suffix in self.suffixes:
            self.files.append(FoundFile(name, self._path(name), problem))
        elif problem == "a broken link":
            self.left_out.append((name, BROKEN_LINK))
        elif problem:
            self.left_out.append((name, SPECIAL))
        elif suffix in RAW:
            self.left_out.append((name, kind_of(name, b".")))
        else:
            self.files.append(name)

    def _path(self, name):
        return os.path.join(self.root, name)

    def found(self, one_by_one=False):
        unknown = [name for name in self.files if isinstance(name, str)]
        heads = {}
        if unknown:
            read = map(self._head, unknown)
            if not one_by_one:
                read = in_threads(self._head, unknown, "Checking files")
            heads = dict(zip(unknown, read, strict=True))
        pictures = []
        for file in self.files:
            if not isinstance(file, str):
                pictures.append(file)
            elif heads[file] is None:
                self.left_out.append((file, UNREADABLE))
            elif is_picture(heads[file]):
                pictures.append(FoundFile(file, self._path(file)))
            else:
                self.left_out.append((file, kind_of(file, heads[file])))
        return Found(pictures, self.folders, self.left_out)

    def _head(self, name):
        try:
            with open(self._path(name), "rb", buffering=0) as file:
                return file.read(HEAD)
        except OSError:
            return None


def is_hidden(name):
    """Returns whether a file or folder of a name is hidden."""
    return name.startswith(".") or name.lower() in _SYSTEM_NAMES


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:
        return False


def _sorted_entries(folder):
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: natural(entry.name))


def natural(name):
    """Returns a key that sorts `2.jpg` before `10.jpg`."""
    parts = re.split(r"(\d+)", name)
    parts[1::2] = map(int, parts[1::2])
    return parts, name


def _problem(entry):
    try:
        if entry.is_file():
            return None
    except OSError:  # such as a link to itself
        pass
    return problem_of(entry.path)


def problem_of(path):
    """Returns why a path is not a readable file, `None` if it is one.

    Args:
        path: A path.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        return "a broken link" if os.path.islink(path) else reason(error)
    if stat.S_ISDIR(mode):
        return A_FOLDER
    # Opening a pipe would block for ever.
    return None if stat.S_ISREG(mode) else "neither a file nor a folder"


def reason(error):
    """Returns the text of an error of the operating system."""
    return getattr(error, "strerror", None) or str(error)
