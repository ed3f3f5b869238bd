"""What every source of labelled pictures gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from PIL import Image


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """Labelled pictures, each decoded only when it is read.

    Every source (a folder, TFDS, the field guide) gives one of these, and
    `kerasfg.data.pixels.cache.prepare` turns it into low-resolution pixels.

    Attributes:
        class_names: Names of the classes; a label is an index into them.
        names: One name per picture, unique and stable from run to run: for a
            folder the POSIX path relative to it. Splits refer to them.
        labels: int32 array of shape `(pictures,)`.
        digests: One string per picture, another one when its content changes.
        read: Function from an index to the decoded RGB picture. May be called
            from several threads at once. Raises `OSError` or `ValueError` for
            a picture that cannot be decoded.
        splits: Array of `"train"`, `"val"`, `"test"`, `"unused"` (left out on
            purpose) or `""` (not given), one per picture, or `None` where the
            source comes without a split.
        groups: int32 array; pictures of one group (near-duplicates) stay on
            one side of a split. `None` where every picture is its own group.
        strict: Whether a picture that cannot be decoded is an error. Else it
            is named in a warning and left out.
        attributes: What each picture is labelled with besides its class, such
            as the `coarse_label` of TFDS's `cifar100`: from the name of the
            attribute to the names of its values and an int32 array of one
            index into them per picture (-1 is unknown). Usually empty.
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

    def __len__(self) -> int:
        return len(self.names)
