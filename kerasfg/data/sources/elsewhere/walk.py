"""Finds the pictures of a place that is not on this disk, one by one."""

from __future__ import annotations

import collections
import os
import pathlib
from collections.abc import Iterator

from kerasfg.data.files.formats import picture_suffixes
from kerasfg.data.files.formats import suffix_of
from kerasfg.data.files.left_out import TWICE
from kerasfg.data.files.openable import OpenablePath
from kerasfg.data.files.spelling import spelled_here
from kerasfg.data.remote.address import check_address
from kerasfg.data.remote.address import is_remote
from kerasfg.data.remote.address import join
from kerasfg.data.remote.bucket import bucket_files
from kerasfg.data.remote.remote_file import RemoteFile
from kerasfg.data.remote.remote_file import local_copy
from kerasfg.data.sources.archives.members import oddity
from kerasfg.data.sources.archives.members import picture_or_kind
from kerasfg.data.sources.archives.tar_file import tar_members
from kerasfg.data.sources.archives.zip_file import zip_members
from kerasfg.data.sources.elsewhere.remote_place import check_remote
from kerasfg.data.sources.elsewhere.remote_place import named
from kerasfg.data.sources.lists.table import SUFFIXES
from kerasfg.data.sources.lists.table import table_paths

_ARCHIVES = (".tar", ".zip")


def is_elsewhere(place: str | os.PathLike[str]) -> bool:
    """Returns whether pictures are in an archive, a list or at an address.

    Args:
        place: A path or an address.
    """
    if is_remote(place):
        return True
    suffix = suffix_of(os.fspath(place))
    return suffix in (*_ARCHIVES, *SUFFIXES) and os.path.isfile(place)


def check_elsewhere(place: str | os.PathLike[str]) -> None:
    """Checks such a place without opening it.

    Raises:
        ValueError: If it is an address that is not opened.
        ImportError: If a package for it is not installed.
    """
    if is_remote(place):
        check_remote(os.fspath(place), also_pictures=True)


def walk_elsewhere(
    place: str | os.PathLike[str],
    left_out: collections.Counter[str] | None = None,
) -> Iterator[str]:
    """Yields the pictures of such a place, as they are found.

    Args:
        place: A folder of a bucket, the address of a picture, or a list, a
            zip or a tar file here or elsewhere. Of a list only the column
            `path` is read.
        left_out: Counts files that are not pictures, by kind. Defaults to
            `None`.

    Yields:
        Paths, an `OpenablePath` for pictures that the system cannot open.

    Raises:
        ValueError: If the place is broken, or not there.
        Halted: If no server answers.
        ImportError: If a package for it is not installed.
    """
    place = os.fspath(place)
    check_elsewhere(place)
    left_out = collections.Counter() if left_out is None else left_out
    suffix = suffix_of(place)
    if suffix in (*_ARCHIVES, *SUFFIXES):
        copy = local_copy(place) if is_remote(place) else pathlib.Path(place)
        with named(copy, place):
            if suffix in SUFFIXES:
                yield from _once(_listed(copy, place), left_out)
            else:
                members = _members(copy, suffix, left_out)
                yield from _once(_pictures(members, place, left_out), left_out)
    elif suffix in picture_suffixes():
        yield OpenablePath(place, RemoteFile(place, place))
    else:
        yield from _pictures(bucket_files(place), place, left_out)


def _members(copy, suffix, left_out):
    if suffix == ".zip":
        yield from zip_members(copy)
        return
    odd = []
    for member in tar_members(copy, odd):
        yield member
        left_out.update(kind for _, kind in odd)
        odd.clear()
    left_out.update(kind for _, kind in odd)


def _pictures(members, place, left_out):
    suffixes = picture_suffixes()
    place = place.rstrip("/")
    for member in members:
        kind = oddity(member.name) or picture_or_kind(member, suffixes)
        if kind is None:
            yield OpenablePath(f"{place}/{member.name}", member)
        else:
            left_out[kind] += 1


def _listed(copy, place):
    for path in table_paths(copy):
        if is_remote(place):
            address = join(place, path)
        elif is_remote(path):
            check_address(path, is_place=False)
            address = path
        else:
            spelled = spelled_here(copy.parent, path) or path
            yield os.path.join(copy.parent, spelled)
            continue
        yield OpenablePath(address, RemoteFile(path, address))


def _once(paths, left_out):
    """Leaves out pictures named again; a number is kept for each picture."""
    seen = set()
    for path in paths:
        digest = hash(path)
        if digest in seen:
            left_out[TWICE] += 1
        else:
            seen.add(digest)
            yield path
