"""Labelled pictures that were found, and the source made from them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import warnings
from typing import Any

import numpy as np

from kerasfg.data.files.find import natural
from kerasfg.data.files.left_out import describe_left_out
from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.decode import upright_size
from kerasfg.data.progress import in_threads
from kerasfg.data.remote.remote_file import THREADS
from kerasfg.data.remote.remote_file import RemoteFile
from kerasfg.data.sources.boxes import MARGIN
from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.boxes import cut_box
from kerasfg.data.sources.boxes import extends_beyond
from kerasfg.data.sources.class_names import check_class_names
from kerasfg.data.sources.class_names import class_name_of
from kerasfg.data.sources.groups import join_equal
from kerasfg.data.sources.source import Source
from kerasfg.notice import tell


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A labelled picture that was found, not yet read.

    Attributes:
        name: Its name, unique in its place.
        label: Its class, as it is written.
        file: An object with `open()`, which returns a binary file or raises
            `OSError`: a `kerasfg.data.files.find.FoundFile` or the like.
        box: `Box` to cut out of it, or `None`.
        split: `"train"`, `"val"`, `"test"`, `"unused"` or `""`.
        group: Pictures of one group stay together; `""` is none.
        file_key: The same for all pictures cut out of one file.
        columns: Further texts of it, by the names of their columns.
    """

    name: str
    label: str
    file: Any
    box: Box | None = None
    split: str = ""
    group: str = ""
    file_key: str = ""
    columns: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Listing:
    """The pictures found at a place.

    Attributes:
        pictures: List of `Picture`.
        place: The place, for messages.
        what: The kind of a class there, `"folder"` or `"label"`.
        left_out: List of pairs of a path and why, as in `Source.left_out`.
        notes: Lines for the terminal: how the place was understood.
        tables: Dictionary with `splits` and `groups` that tables in the place
            give, arrays with an entry per picture or `None`.
    """

    pictures: list[Picture]
    place: str
    what: str = "folder"
    left_out: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    tables: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def received(self):
        """End of the message of an error."""
        return f"Received: directory={self.place!r}"

    def has_splits(self):
        """Returns whether any picture has a split."""
        return _splits(self) is not None

    def class_names(self):
        """Returns the names of the classes, checked, in natural order."""
        labels = dict.fromkeys(picture.label for picture in self.pictures)
        check_class_names(labels, self.received, self.what)
        return tuple(sorted({class_name_of(n) for n in labels}, key=natural))


def check_classes(class_names, received):
    """Raises `ValueError` unless there are two classes to distinguish."""
    if len(class_names) < 2:
        raise ValueError(
            "The folder must hold at least two class folders, or a list at "
            f"least two labels. {received}, with only {list(class_names)}"
        )


def make_source(
    listing: Listing, strict: bool = False, box_margin: float | None = None
) -> Source:
    """Makes a source of the pictures that were found, reading their bytes.

    Notes are given as `kerasfg.notice.Notice`, and one warning counts what was
    left out.

    Args:
        listing: `Listing`.
        strict: See `Source`. Defaults to `False`.
        box_margin: Share of a box's sides that is added on each side. Defaults
            to `None`, which is 0.1.

    Returns:
        `Source`.
    """
    pictures = listing.pictures
    class_names = listing.class_names()
    index = {name: label for label, name in enumerate(class_names)}
    for note in listing.notes:
        tell(note)
    counted = describe_left_out(listing.left_out)
    if counted:
        warnings.warn(f"Left out of {listing.place}: {counted}.", stacklevel=2)
    margin = MARGIN if box_margin is None else box_margin
    look = functools.partial(_look, margin)
    remote = any(isinstance(picture.file, RemoteFile) for picture in pictures)
    looked = list(
        in_threads(
            look,
            pictures,
            "Reading files",
            threads=THREADS if remote else None,
        )
    )
    _warn_of_boxes(listing, [out for _, out in looked])
    return Source(
        class_names=class_names,
        names=tuple(picture.name for picture in pictures),
        labels=np.array(
            [index[class_name_of(p.label)] for p in pictures], np.int32
        ),
        digests=tuple(digest for digest, _ in looked),
        read=functools.partial(_read, pictures, margin),
        splits=_splits(listing),
        groups=_groups(listing),
        strict=strict,
        columns=_columns(pictures),
        left_out=tuple(listing.left_out),
    )


def _warn_of_boxes(listing, out):
    pairs = zip(listing.pictures, out, strict=True)
    names = [picture.name for picture, is_out in pairs if is_out]
    if names:
        warnings.warn(
            f"{len(names)} boxes of {listing.place} extend beyond their "
            f"pictures and are cut at the edge, such as {names[0]}: check that "
            "their numbers are in pixels of these files.",
            stacklevel=3,
        )


def _look(margin, picture):
    """Returns the digest, and whether the box extends beyond the picture."""
    out = False
    try:
        with picture.file.open() as opened:
            digest = hashlib.file_digest(
                opened, lambda: hashlib.blake2b(digest_size=16)
            ).hexdigest()
            if picture.box is not None:
                out = _is_out(opened, picture.box)
    except (OSError, ValueError):
        return "unreadable", False
    if picture.box is None:
        return digest, False
    return f"{digest} {tuple(picture.box)} {margin}", out


def _is_out(opened, box):
    """Returns whether a box extends beyond; one that is outside is skipped."""
    try:
        opened.seek(0)
        width, height = upright_size(opened)
    except (OSError, ValueError):
        return False  # a warning follows when it is decoded
    right, bottom = (1, 1) if box.shares else (width, height)
    inside = 0 < box.right and 0 < box.bottom
    inside &= box.left < right and box.top < bottom
    return inside and extends_beyond(box, (width, height))


def _read(pictures, margin, index):
    picture = pictures[index]
    with picture.file.open() as opened:
        image = decode_image(opened)
    if picture.box is None:
        return image
    return cut_box(image, picture.box, margin)


def _splits(listing):
    given = listing.tables.get("splits")
    own = np.array([p.split for p in listing.pictures], dtype="<U6")
    return (own if own.any() else None) if given is None else given


def _groups(listing):
    given = listing.tables.get("groups")
    if given is not None:
        return given
    groups = [picture.group for picture in listing.pictures]
    files = [picture.file_key for picture in listing.pictures]
    return join_equal(groups, files)


def _columns(pictures):
    names = dict.fromkeys(name for p in pictures for name in p.columns)
    return {
        name: tuple(picture.columns.get(name, "") for picture in pictures)
        for name in names
    }
