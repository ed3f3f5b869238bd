"""Looks at labelled pictures before a training."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasfg.data.files.left_out import describe_left_out
from kerasfg.data.groups import find_groups
from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.sources.source import Source
from kerasfg.inspection.counts import count_classes
from kerasfg.inspection.findings import copy_findings
from kerasfg.inspection.findings import file_findings
from kerasfg.inspection.findings import label_findings
from kerasfg.inspection.findings import outlier_findings
from kerasfg.inspection.label_check import MISSING
from kerasfg.inspection.label_check import check_labels
from kerasfg.inspection.label_check import cleanlab_is_missing
from kerasfg.inspection.odd_pictures import find_odd_pictures
from kerasfg.inspection.outliers import find_outliers
from kerasfg.inspection.pixels import prepare_all
from kerasfg.inspection.sizes import describe_sizes
from kerasfg.inspection.suspects import Suspect
from kerasfg.inspection.suspects import list_suspects

# Pixels of the pictures that are looked at, whatever a training takes.
LOOK_SIZE = 160


@dataclasses.dataclass(frozen=True, eq=False)
class Inspection:
    """What was found.

    Attributes:
        facts: Dictionary that can be written as strict JSON, without suspects;
            see `docs/inspect.md`.
        suspects: List of `Suspect`, the most important first.
        source: The `Source`.
        ranking: int array of the pictures whose labels may be wrong, as
            indices into `names`; `None` if the labels were not checked.
        names: Names of the pictures that can be read.
        examples: From the name of a class to that of a typical picture; empty
            if the labels were not checked.
    """

    facts: dict[str, Any]
    suspects: list[Suspect]
    source: Source
    ranking: np.ndarray | None
    names: tuple[str, ...]
    examples: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Returns everything as a dictionary for strict JSON."""
        suspects = [
            {**one.row(), "score": one.score, "kind": one.kind}
            for one in self.suspects
        ]
        return {**self.facts, "suspects": suspects}


def inspect_source(
    source: Source,
    image_size: int = 64,
    boxes: bool = False,
    group_by: str = "",
    labels: bool = True,
    progress: bool = True,
    seed: int = 0,
    after_files: Callable[[dict[str, Any]], None] | None = None,
) -> Inspection:
    """Counts pictures and finds those that a reader should look at.

    Args:
        source: `kerasfg.data.Source`.
        image_size: Pixels that a network will get. Defaults to `64`.
        boxes: Whether the pictures of the source are cut out of larger ones.
            Defaults to `False`.
        group_by: See `kerasfg.data.groups.find_groups`. Defaults to `""`.
        labels: Whether to look for wrong labels and outliers, which loads a
            network. Defaults to `True`.
        progress: Whether to show progress. Defaults to `True`.
        seed: Seed of the parts of the cross-validation. Defaults to `0`.
        after_files: Function of the facts so far, called before the network is
            loaded. Defaults to `None`.

    Returns:
        `Inspection`.

    Raises:
        ValueError: If no picture can be read.
    """
    pixels = prepare_all(source, LOOK_SIZE, progress=progress)
    groups, odd = (
        find_groups(pixels, group_by, progress=progress),
        find_odd_pictures(pixels),
    )
    facts = _file_facts(source, pixels, groups, odd, image_size, boxes)
    if after_files:
        after_files(facts)
    findings = file_findings(source, pixels, odd) + copy_findings(
        pixels, groups.copies
    )
    facts["labels"], more, checked = _check(
        pixels, groups.ids, labels, progress, seed
    )
    return Inspection(
        facts,
        list_suspects(findings + more),
        source,
        checked and checked.order,
        pixels.names,
        _examples(pixels, checked),
    )


def _file_facts(source, pixels, groups, odd, image_size, boxes):
    kinds = collections.Counter(kind for _, kind in source.left_out)
    given = pixels.splits
    splits = collections.Counter(given.tolist() if given is not None else ())
    copies, ids = groups.copies, groups.ids
    labels = pixels.labels[copies.pairs]
    return {
        "pictures": len(pixels),
        "classes": count_classes(source, pixels),
        "sizes": describe_sizes(pixels.picture_sizes, image_size),
        "image_size": image_size,
        "boxes": boxes,
        "splits": {name: count for name, count in splits.items() if name},
        "left_out": dict(kinds.most_common()),
        "left_out_lines": [
            _line(kind, [pair for pair in source.left_out if pair[1] == kind])
            for kind, _ in kinds.most_common()
        ],
        "left_out_files": [list(pair) for pair in source.left_out],
        "broken": [list(pair) for pair in pixels.skipped],
        "odd": [[pixels.names[i], ", ".join(why)] for i, why in odd.items()],
        "identical": _named(copies.pairs[copies.identical], pixels),
        "near": _named(copies.pairs[~copies.identical], pixels),
        "in_two_classes": int(np.sum(labels[:, 0] != labels[:, 1])),
        "groups": groups.summary["groups"],
        "largest_group": 1
        if ids is None
        else int(np.unique(ids, return_counts=True)[1].max()),
    }


def _line(kind, pairs):
    return describe_left_out(pairs) or f"{kind}: {len(pairs)}"


def _named(pairs, pixels):
    return [[pixels.names[a], pixels.names[b]] for a, b in pairs]


def _check(pixels: PixelCache, groups, wanted, progress, seed):
    """Returns facts, findings and the `LabelCheck`, `None` without one."""
    facts: dict[str, Any] = {"checked": False, "why": ""}
    if not wanted:
        return {**facts, "why": "The labels are not checked."}, [], None
    from kerasfg.inspection.features import imagenet_features

    features = imagenet_features(pixels.images, progress)
    findings = outlier_findings(pixels, find_outliers(features))
    if cleanlab_is_missing():
        return {**facts, "why": MISSING}, findings, None
    try:
        checked = check_labels(features, pixels.labels, groups, seed, progress)
    except ValueError as error:
        return {**facts, "why": str(error)}, findings, None
    facts = {
        "checked": True,
        "why": "",
        "agree": checked.accuracy,
        "likely_wrong": int(checked.likely_wrong.sum()),
        "listed": len(checked.order),
    }
    return facts, findings + label_findings(pixels, checked), checked


def _examples(pixels, checked):
    if checked is None:
        return {}
    return {
        pixels.class_names[label]: pixels.names[index]
        for label, index in checked.typical.items()
    }
