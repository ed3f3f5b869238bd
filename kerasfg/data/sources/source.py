"""Source: the common form of all sources of labelled pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from PIL import Image


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """Labelled pictures, each decoded only when it is read.

    A folder, TFDS, a published archive and the field guide are all read as a
    `Source`. `kerasfg.data.pixels.cache.prepare` turns it into low-resolution
    pixels.

    Attributes:
        class_names: Names of the classes; a label is an index into them.
        names: One name per picture, unique and the same in every run. For a
            folder it is the POSIX path relative to the folder. Splits refer to
            these names.
        labels: int32 array of shape `(pictures,)`.
        digests: One string per picture, which changes with its content.
        read: Function from an index to the decoded RGB picture. It may be
            called from several threads at once. It raises `OSError` or
            `ValueError` for a picture that cannot be decoded.
        splits: Array of `"train"`, `"val"`, `"test"`, `"unused"` (left out on
            purpose) or `""` (not given), one per picture, or `None` if the
            source has no splits.
        groups: int32 array. Pictures of one group (near-duplicates) get the
            same split. `None` if there are no near-duplicates.
        strict: Whether a picture that cannot be decoded is an error.
            Otherwise a warning names it and it is skipped.
        attributes: Labels of the pictures in addition to their class, such as
            the `coarse_label` of TFDS's `cifar100`: a dictionary from the name
            of an attribute to a tuple of its value names and an int32 array of
            one index into them per picture (-1 is unknown). Usually empty.
        columns: Further columns of a list of pictures, such as `camera`: a
            dictionary from the name of a column to one text per picture.
            Usually empty.
        left_out: Pairs `(path, why)` of files that were not taken
            and is not trained on, such as a video. Empty if nothing was.
    """

    class_names: tuple[str, ...]
    names: tuple[str, ...]
    labels: np.ndarray
    digests: tuple[str, ...]
    read: Callable[[int], Image.Image]
    splits: np.ndarray | None = None
    groups: np.ndarray | None = None
    strict: bool = False
    attributes: dict[str, tuple[tuple[str, ...], np.ndarray]] = (
        dataclasses.field(default_factory=dict)
    )
    columns: dict[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )
    left_out: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.names)
