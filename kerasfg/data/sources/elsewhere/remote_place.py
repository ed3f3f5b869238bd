"""Reads the pictures of buckets and web addresses like those on this disk."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import pathlib
from collections.abc import Iterator

from kerasfg.data.files.formats import picture_suffixes
from kerasfg.data.files.formats import suffix_of
from kerasfg.data.remote.address import BUCKETS
from kerasfg.data.remote.address import check_address
from kerasfg.data.remote.address import scheme_of
from kerasfg.data.remote.bucket import bucket_files
from kerasfg.data.remote.connection import check_packages
from kerasfg.data.remote.remote_file import RemoteFile
from kerasfg.data.remote.remote_file import local_copy
from kerasfg.data.sources.archives.members import MAX_MEMBERS
from kerasfg.data.sources.archives.members import list_members
from kerasfg.data.sources.archives.tar_file import list_tar
from kerasfg.data.sources.archives.zip_file import list_zip
from kerasfg.data.sources.folder import TABLES
from kerasfg.data.sources.folder import read_tables
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.lists.json_file import list_json
from kerasfg.data.sources.lists.table import SUFFIXES
from kerasfg.data.sources.lists.table import list_table


def check_remote(place: str, also_pictures: bool = False) -> None:
    """Checks an address, without asking anything of a server.

    Args:
        place: An address, see `kerasfg.data.remote.address.is_remote`.
        also_pictures: Whether it may be that of a single picture. Defaults to
            `False`.

    Raises:
        ValueError: If it is not one that is opened.
        ImportError: If a package is not installed.
    """
    check_address(place)
    if also_pictures and suffix_of(place) == ".json":
        raise ValueError(
            "MegaDetector's .json file must be on this disk, with the pictures "
            f"that it names: download them. Received: directory={place!r}"
        )
    known = (*SUFFIXES, ".json", ".zip", ".tar")
    if also_pictures:
        known = (*SUFFIXES, ".zip", ".tar", *picture_suffixes())
    if scheme_of(place) not in BUCKETS and suffix_of(place) not in known:
        raise ValueError(
            "A web address must be that of a list of pictures (.csv, .tsv) or "
            "a .zip or .tar file of them: a web server lists no folders. "
            f"Received: directory={place!r}"
        )
    check_packages(place)


def list_remote(place: str, class_level: int = 0) -> Listing:
    """Lists the pictures of an address; see `kerasfg.data.from_places`.

    Args:
        place: A folder of a bucket, or a list, a zip or a tar file anywhere.
        class_level: See `kerasfg.data.from_folder`. Defaults to `0`.

    Returns:
        `Listing`.

    Raises:
        ValueError: If there is no such place, or it has no classes.
        Halted: If no server answers.
        ImportError: If a package is not installed.
    """
    check_remote(place)
    readers = {
        **dict.fromkeys(SUFFIXES, functools.partial(list_table, origin=place)),
        ".json": functools.partial(list_json, origin=place),
        ".zip": functools.partial(list_zip, class_level=class_level),
        ".tar": functools.partial(list_tar, class_level=class_level),
    }
    read = readers.get(suffix_of(place))
    if read is None:
        return _list_bucket(place, class_level)
    copy = local_copy(place)
    with named(copy, place):
        listing = read(copy)
    notes = [note.replace(str(copy), place) for note in listing.notes]
    return dataclasses.replace(listing, place=place, notes=notes)


@contextlib.contextmanager
def named(copy: pathlib.Path, place: str) -> Iterator[None]:
    """In a `with` block, errors name a place instead of its local copy."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error).replace(str(copy), place)) from error


def _list_bucket(place, class_level):
    tables: dict[str, RemoteFile] = {}
    files = _without_tables(bucket_files(place), tables, place)
    listing = list_members(files, [], place, "bucket", class_level)
    if not tables:
        return listing
    nothing = pathlib.Path(os.devnull)
    copies = {
        name: local_copy(file.address, file.version, file.size)
        for name, file in tables.items()
    }
    names = [picture.name for picture in listing.pictures]
    with contextlib.ExitStack() as stack:
        for name, copy in copies.items():
            stack.enter_context(named(copy, tables[name].address))
        read = read_tables(
            lambda name: copies.get(name, nothing),
            names,
            listing.has_splits(),
            place,
        )
    return dataclasses.replace(listing, tables=read)


def _without_tables(files, tables, place) -> Iterator[RemoteFile]:
    for count, file in enumerate(files):
        if count == MAX_MEMBERS:
            raise ValueError(
                f"A folder of a bucket must have at most {MAX_MEMBERS:,} "
                f"files: name a folder in it. Received: directory={place!r}"
            )
        if file.name in TABLES:
            tables[file.name] = file
        else:
            yield file
