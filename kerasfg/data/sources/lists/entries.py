"""Makes pictures of the entries of a list of any format."""

from __future__ import annotations

import collections
import dataclasses
import os
import pathlib

from kerasfg.data.files.find import FoundFile
from kerasfg.data.files.find import problem_of
from kerasfg.data.files.left_out import ABSENT
from kerasfg.data.files.left_out import TWICE
from kerasfg.data.files.left_out import TWO_LABELS
from kerasfg.data.files.spelling import spelled_here
from kerasfg.data.remote.address import check_address
from kerasfg.data.remote.address import is_remote
from kerasfg.data.remote.address import join
from kerasfg.data.remote.remote_file import RemoteFile
from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.class_names import class_name_of
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.listing import Picture


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A picture, or a part of one, named by a list.

    Attributes:
        path: Path of the file, absolute or relative to the list.
        label: Its class.
        box: See `kerasfg.data.sources.listing.Picture`, as for the rest.
    """

    path: str
    label: str
    box: Box | None = None
    split: str = ""
    group: str = ""
    columns: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self):
        """Its name: the path, and the box if it is a part."""
        if self.box is None:
            return self.path
        left, top, right, bottom, shares = self.box
        numbers = (left, top, right - left, bottom - top)
        digits = 4 if shares else 2
        return f"{self.path}#" + ",".join(
            f"{round(number, digits):g}" for number in numbers
        )


def list_entries(
    entries: list[Entry],
    root: pathlib.Path | str,
    place: str,
    left_out: list[tuple[str, str]],
) -> Listing:
    """Finds the files of a list's entries.

    Args:
        entries: List of `Entry`.
        root: Folder that their paths are relative to, or the address of a
            list that was downloaded.
        place: The list, for messages.
        left_out: The pictures that the list itself leaves out.

    Returns:
        `Listing`. An entry that repeats another, one with two labels and one
        whose file does not exist are left out.

    Raises:
        ValueError: If there is no entry, no file of any of them exists, or
            an address is not one that is opened.
    """
    received = f"Received: directory={place!r}"
    if not entries:
        counts = collections.Counter(kind for _, kind in left_out)
        others = ", ".join(f"{n} times: {kind}" for kind, n in counts.items())
        raise ValueError(
            "The list must name labelled pictures. "
            f"{received}, with {others or 'no entry'}"
        )
    left_out = list(left_out)
    entries = _once(entries, left_out)
    paths = {entry.path: None for entry in entries}
    files = {path: _find(root, path) for path in paths}
    absent = [path for path, file in files.items() if file is None]
    if len(absent) == len(paths):
        raise ValueError(
            "The paths in the list must be absolute or relative to its folder: "
            f"none of its {len(paths)} files exists. {received}, with "
            f"{absent[0]!r} looked for in {str(root)!r}"
        )
    left_out += [(path, ABSENT) for path in absent]
    cut = collections.Counter(entry.path for entry in entries)
    pictures = [
        Picture(
            entry.name,
            entry.label,
            files[entry.path],
            entry.box,
            entry.split,
            entry.group,
            entry.path if cut[entry.path] > 1 else "",
            entry.columns,
        )
        for entry in entries
        if files[entry.path] is not None
    ]
    return Listing(
        pictures, place, "label", left_out, _outside(paths, root, place)
    )


def _once(entries, left_out):
    """Leaves out pictures that are listed twice, or have two labels."""
    labels = {}
    for entry in entries:
        label = class_name_of(entry.label)
        labels.setdefault(entry.name, set()).add(label)
    kept, seen = [], set()
    for entry in entries:
        if len(labels[entry.name]) > 1:
            if entry.name not in seen:
                left_out.append((entry.name, TWO_LABELS))
        elif entry.name in seen:
            left_out.append((entry.name, TWICE))
        else:
            kept.append(entry)
        seen.add(entry.name)
    return kept


def _find(root, path):
    """Finds the file of a path as other systems may write it, or `None`.

    Of a file elsewhere it is not asked whether it is there.
    """
    if isinstance(root, str):
        return RemoteFile(path, join(root, path))
    if is_remote(path):
        check_address(path, is_place=False)
        return RemoteFile(path, path)
    spelled = spelled_here(root, path)
    if spelled is None:
        return None
    file = root / spelled
    return FoundFile(path, str(file), problem_of(file))


def _outside(paths, root, place):
    """Returns a note: how many files are outside of the list's folder."""
    if isinstance(root, str):
        return []
    inside = os.path.abspath(root) + os.sep
    outside = [
        path
        for path in paths
        if is_remote(path)
        or not os.path.abspath(root / path).startswith(inside)
    ]
    if not outside:
        return []
    return [
        f"{len(outside)} of {len(paths)} files of {place} are outside of its "
        f"folder, such as {outside[0]}."
    ]
