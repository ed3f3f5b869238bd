"""The files in an archive or in a bucket, and how their folders are taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from kerasfg.data.files.find import Found
from kerasfg.data.files.find import is_hidden
from kerasfg.data.files.find import natural
from kerasfg.data.files.formats import HEAD
from kerasfg.data.files.formats import RAW
from kerasfg.data.files.formats import is_picture
from kerasfg.data.files.formats import picture_suffixes
from kerasfg.data.files.formats import suffix_of
from kerasfg.data.files.left_out import ODD_PATH
from kerasfg.data.files.left_out import SYSTEM
from kerasfg.data.files.left_out import TWICE
from kerasfg.data.files.left_out import kind_of
from kerasfg.data.sources.folder import TABLES
from kerasfg.data.sources.found_table import FOUND
from kerasfg.data.sources.found_table import found_layout
from kerasfg.data.sources.layout import LayoutReader
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.listing import Picture

# A member, and all of them together, may unpack to so many bytes.
MAX_MEMBER = 256 * 2**20
MAX_TOTAL = 2**40
MAX_MEMBERS = 2_000_000


def oddity(name: str) -> str | None:
    """Returns why the name of a member is left out, `None` if it is not.

    Example:

    >>> oddity("a/../../b.jpg")
    'file with an odd path'
    """
    parts = name.split("/")
    if any(part in ("", "..", ".") or "\0" in part for part in parts):
        return ODD_PATH
    return SYSTEM if any(map(is_hidden, parts)) else None


def picture_or_kind(member: Any, suffixes: set[str]) -> str | None:
    """Returns the kind of a member that is no picture, `None` if it is one.

    Args:
        member: What has `name` and `read(size)`, which returns first bytes.
        suffixes: Result of `picture_suffixes`.
    """
    suffix = suffix_of(member.name)
    if suffix in suffixes:
        return None
    try:
        head = b"." if suffix in RAW else member.read(HEAD)
    except OSError:
        head = b"."
    return None if is_picture(head) else kind_of(member.name, head)


def list_members(
    members: Iterable[Any],
    left_out: list[tuple[str, str]],
    place: str,
    what: str,
    class_level: int = 0,
) -> Listing:
    """Lists the pictures among members as those of a folder.

    One folder around all of them is left away. In what the phone app saved,
    the table `found.csv` has the names of the classes as they are.

    Args:
        members: Dataclasses that have `name`, `read(size)` and `open()`.
        left_out: What is left out already.
        place: The place, for messages.
        what: What it is, such as `"zip file"`.
        class_level: See `kerasfg.data.from_folder`. Defaults to `0`.

    Returns:
        `Listing`.

    Raises:
        ValueError: See `kerasfg.data.from_folder`.
    """
    received = f"Received: directory={place!r}"
    members = _once(members, left_out)
    prefix = _wrapper(members)
    notes = []
    if prefix:
        notes = [f"The one folder {prefix!r} of {place} is looked into."]
        members = [
            dataclasses.replace(m, name=m.name[len(prefix) + 1 :])
            for m in members
        ]
    found = _sort(members, left_out)
    tables = [name for name, _ in found.left_out if name in TABLES]
    if tables:
        advice = (
            "name the folder that it is in"
            if what == "bucket"
            else f"unpack the {what} and name its folder"
        )
        raise ValueError(
            f"A {what}'s {tables[0]} is not read: {advice}. {received}"
        )
    table = [member for member in members if member.name == FOUND]
    layout = found_layout(found, table[0], received) if table else None
    layout = layout or LayoutReader(found, place, class_level).read()
    pictures = [
        Picture(member.name, class_name, member, split=split)
        for member, class_name, split in layout.files
    ]
    return Listing(
        pictures,
        place,
        left_out=found.left_out + layout.left_out,
        notes=notes + layout.notes,
    )


def _once(members, left_out):
    """Returns the members with clean names, and leaves out the others."""
    kept = {}
    for member in members:
        odd = TWICE if member.name in kept else oddity(member.name)
        if odd:
            left_out.append((member.name, odd))
        else:
            kept[member.name] = member
    return list(kept.values())


def _wrapper(members):
    """Returns the one folder on top if there are folders in it, or `""`."""
    tops = {member.name.split("/")[0] for member in members}
    depths = [member.name.count("/") for member in members]
    if len(tops) != 1 or max(depths, default=0) < 2:
        return ""
    inner = {m.name.split("/")[1] for m in members if m.name.count("/") > 1}
    return tops.pop() if len(inner) > 1 else ""


def _sort(members, left_out):
    """Tells pictures from other members; returns `Found`."""
    suffixes = picture_suffixes()
    pictures, left_out, folders = [], list(left_out), {}
    members = sorted(
        members, key=lambda m: [natural(part) for part in m.name.split("/")]
    )
    for member in members:
        parts = member.name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folders["/".join(parts[:depth])] = None
        kind = picture_or_kind(member, suffixes)
        if kind is None:
            pictures.append(member)
        else:
            left_out.append((member.name, kind))
    return Found(pictures, list(folders), left_out)
