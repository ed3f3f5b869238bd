"""Links pictures into a folder for each class; no picture is moved."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasfg.data.remote.address import is_remote
from kerasfg.write_errors import naming

UNSURE = "not sure"
UNKNOWN = "none of these classes"
# What no file system has in a name, or what leads out of the folder.
_UNSAFE = re.compile(r'[/\\:*?"<>|%\x00-\x1f]|^\.+$|[. ]$')


def check_links(
    folder: str | os.PathLike[str], pictures: Iterable[str | os.PathLike[str]]
) -> None:
    """Checks a folder for links, which must not be found as pictures.

    Args:
        folder: The folder.
        pictures: Files, and folders that are searched for pictures.

    Raises:
        ValueError: If it is a file or inside of a folder of pictures, or
            these are in an archive or not on this disk.
    """
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise ValueError(
            "Pictures are linked in a folder: name a new one, or one that is "
            f"there. Received: sort_into={str(folder)!r}, which is a file"
        )
    place = os.path.realpath(folder)
    for picture in pictures:
        given = os.fspath(picture)
        if is_remote(given) or given.lower().endswith((".tar", ".zip")):
            raise ValueError(
                "Only pictures on this disk can be linked: leave out "
                "`sort_into`, or unpack them here. "
                f"Received: pictures={given!r}"
            )
        path = os.path.realpath(given)
        if os.path.commonpath([path, place]) == path:
            raise ValueError(
                "Links to pictures must not be among the pictures, where they "
                "would be found as such: name a folder beside them. "
                f"Received: sort_into={str(folder)!r}, which is inside {path}"
            )


def sort_into(
    folder: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Makes a link to each picture in the folder of its class.

    A picture of which the model is not sure is in `not sure/CLASS`, one of none
    of the classes in `none of these classes`, and one that could not be read
    or is not on this disk nowhere. Nothing is replaced: where another file has
    the name, a number is added; a link that is there already stays.

    Args:
        folder: Where the folders are made.
        rows: As of `kerasfg.run.many_pictures.rows.row_of`.

    Returns:
        Number of the links that were made.

    Raises:
        WriteError: If one cannot be made.
    """
    made = 0
    with naming(folder):
        for row in rows:
            if "error" in row or is_remote(row["path"]):
                continue
            place = Path(folder, *_parts(row))
            place.mkdir(parents=True, exist_ok=True)
            made += _link(os.path.abspath(row["path"]), place)
    return made


def _parts(row):
    if not row.get("known", True):
        return (UNKNOWN,)
    name = _safe(row["class"])
    return (name,) if row["sure"] else (UNSURE, name)


def _safe(name):
    """Returns a name for a folder that is different for each class.

    >>> _safe("red/white"), _safe("..")
    ('red%2Fwhite', '%2E%2E')
    """
    return _UNSAFE.sub(
        lambda found: "".join(f"%{ord(letter):02X}" for letter in found[0]),
        name,
    )


def _link(target, place):
    """Makes a link, unless it is there; returns whether it was made."""
    stem, suffix = os.path.splitext(os.path.basename(target))
    number = 1
    while True:
        more = f" ({number})" if number > 1 else ""
        link = place / f"{stem}{more}{suffix}"
        try:
            link.symlink_to(target)
            return True
        except FileExistsError:
            if link.is_symlink() and os.readlink(link) == target:
                return False
            number += 1
