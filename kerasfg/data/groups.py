"""Which pictures must stay on one side of a split."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import numpy.typing as npt

from kerasfg.data.duplicates import Copies
from kerasfg.data.duplicates import components
from kerasfg.data.duplicates import find_copies
from kerasfg.data.group_by import check_group_by
from kerasfg.data.group_by import shared_keys
from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.splits import SPLITS
from kerasfg.data.splits import VAL_SHARE
from kerasfg.data.splits import assign_splits
from kerasfg.notice import tell

_SHOWN = 3  # names in a warning


@dataclasses.dataclass(frozen=True, eq=False)
class Groups:
    """Sets of pictures that stay on one side of a split.

    Attributes:
        ids: int array `(pictures,)`, the same for all pictures of a group, or
            `None` if every picture is a group of its own.
        copies: The `Copies` among the pictures, joined or not.
        summary: Dictionary for the report: `group_by`, `groups` (how many),
            `copies` (pictures that have one: `identical` files, and
            `look_alikes`), `joined` (whether copies were joined) and
            `few` (by class of at least three pictures, how many groups, if
            fewer than three).
    """

    ids: npt.NDArray[np.int64] | None
    copies: Copies
    summary: dict


def find_groups(
    pixels: PixelCache,
    group_by: str = "",
    join_copies: bool = True,
    progress: bool = True,
) -> Groups:
    """Finds the pictures that must stay on one side of a split.

    Joined are the groups of the source (`near_duplicates.csv`, or a column
    `group` of a list), copies of one picture, and pictures that have in common
    what `group_by` names. Look-alikes are not joined where a class would have
    fewer than three groups, as in pictures from a fixed camera.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        group_by: `""`, `"folder"`, `"burst"` or `"column:NAME"`, see
            `kerasfg.data.group_by.shared_keys`. Defaults to `""`.
        join_copies: Whether to look for copies. Defaults to `True`.
        progress: Whether to show a bar. Defaults to `True`.

    Returns:
        `Groups`.

    Raises:
        ValueError: See `kerasfg.data.group_by.shared_keys`.
    """
    check_group_by(group_by)
    copies = _copies(pixels, join_copies, progress)
    keys = [shared_keys(pixels, group_by)] if group_by else []
    if pixels.groups is not None:
        keys.append(pixels.groups)
    links = [_links(key) for key in keys] + [copies.pairs[copies.identical]]
    ids = _joined(links, copies.pairs[~copies.identical], pixels)
    if not len(copies) and not group_by:
        given = pixels.groups  # as they are: a draw depends on their order
    else:
        given = ids if len(np.unique(ids)) < len(pixels) else None
    summary = _summary(pixels, ids, copies, group_by, join_copies)
    return Groups(given, copies, summary)


def _joined(links, alike, pixels):
    """Joins pictures, and look-alikes where each class keeps enough groups."""
    count = len(pixels)
    without = components(np.concatenate(links), count)
    if not len(alike):
        return without
    ids = components(np.concatenate([*links, alike]), count)
    crowded = list(_few(ids, pixels).keys() - _few(without, pixels))
    apart = np.isin(pixels.labels[alike], crowded).any(axis=1)
    return components(np.concatenate([*links, alike[~apart]]), count)


def split_pictures(
    pixels: PixelCache,
    groups: Groups,
    seed: int = 0,
    val_share: float = VAL_SHARE,
) -> npt.NDArray[np.str_]:
    """Assigns pictures to train, validation and test by their groups.

    Warnings name copies that are in two classes, and classes that have fewer
    groups than there are splits to draw.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        groups: Its `Groups`.
        seed: See `kerasfg.data.assign_splits`. Defaults to `0`.
        val_share: See `kerasfg.data.assign_splits`. Defaults to `0.15`.

    Returns:
        See `kerasfg.data.assign_splits`.

    Raises:
        ValueError: See `kerasfg.data.assign_splits`.
    """
    _warn_of_two_classes(pixels, groups.copies)
    if pixels.splits is None or not np.any(pixels.splits != ""):
        _warn_of_few(groups.summary["few"])
    elif "val" in pixels.splits and "test" not in pixels.splits:
        tell(
            "No picture has the split test: those of val are the test, and "
            f"{100 * val_share:g} % of train are drawn to validate."
        )
    return assign_splits(
        pixels.labels,
        pixels.splits,
        groups.ids,
        seed=seed,
        class_names=pixels.class_names,
        val_share=val_share,
        names=pixels.names,
    )


def _links(keys):
    """Pairs the pictures that have the same key, in a chain."""
    keys = np.asarray(keys)
    order = np.argsort(keys, kind="stable")
    if keys.dtype.kind == "U":
        order = order[keys[order] != ""]
    same = keys[order[1:]] == keys[order[:-1]]
    return np.stack([order[:-1][same], order[1:][same]], axis=1)


def _copies(pixels, join_copies, progress):
    if join_copies:
        return find_copies(
            pixels.thumbnails, pixels.hashes, pixels.digests, progress
        )
    return Copies(np.zeros((0, 2), np.int64), np.zeros(0), np.zeros(0, bool))


def _few(ids, pixels):
    """Counts the groups of each class that has fewer than there are splits."""
    classes = len(pixels.class_names)
    pairs = np.unique(np.stack([pixels.labels, ids]), axis=1)
    groups = np.bincount(pairs[0], minlength=classes)
    enough = np.bincount(pixels.labels, minlength=classes) >= len(SPLITS)
    few = np.flatnonzero(enough & (groups < len(SPLITS)))
    return dict(zip(few.tolist(), groups[few].tolist(), strict=True))


def _summary(pixels, ids, copies, group_by, join_copies):
    few = {
        pixels.class_names[label]: count
        for label, count in _few(ids, pixels).items()
    }
    identical, alike = (
        len(np.unique(copies.pairs[kind]))
        for kind in (copies.identical, ~copies.identical)
    )
    return {
        "pictures": len(pixels),
        "groups": len(np.unique(ids)),
        "group_by": group_by,
        "joined": bool(join_copies),
        "copies": {"identical": identical, "look_alikes": alike},
        "few": few,
    }


# === Warnings ===


def _warn_of_two_classes(pixels, copies):
    labels = pixels.labels[copies.pairs]
    differ = labels[:, 0] != labels[:, 1]
    for kind, what in (
        (copies.identical, "the same file"),
        (~copies.identical, "pictures that look the same"),
    ):
        pairs = copies.pairs[differ & kind]
        if not len(pairs):
            continue
        shown = [
            f"{pixels.names[a]} and {pixels.names[b]}"
            for a, b in pairs[:_SHOWN]
        ]
        warnings.warn(
            f"Two classes hold {what} ({len(pairs)}): "
            f"{_listed(shown, len(pairs))}. Delete the picture of the wrong "
            "class: a classifier cannot learn both.",
            stacklevel=3,
        )


def _warn_of_few(few):
    if few:
        shown = [f"{name} ({count})" for name, count in few.items()]
        verb = "class has" if len(few) == 1 else "classes have"
        warnings.warn(
            f"{len(few)} {verb} fewer groups of pictures than there are "
            f"splits: {_listed(shown[:_SHOWN], len(few))}. Pictures of a group "
            "stay on one side of the split, so validation or test may lack the "
            "class: add pictures of other occasions.",
            stacklevel=3,
        )


def _listed(shown, count):
    rest = count - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
