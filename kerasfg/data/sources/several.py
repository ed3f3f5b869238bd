"""Joins the sources of several places to one."""

from __future__ import annotations

import bisect
import functools
import pathlib
from collections.abc import Sequence

import numpy as np

from kerasfg.data.files.find import natural
from kerasfg.data.sources.class_names import check_class_names
from kerasfg.data.sources.source import Source
from kerasfg.notice import tell


def join_sources(sources: Sequence[Source], places: Sequence[str]) -> Source:
    """Makes one source of several; classes of one name are one.

    Args:
        sources: The sources.
        places: The place of each, whose last part goes in front of the names
            of its pictures.

    Returns:
        `Source`.

    Raises:
        ValueError: If class names differ only in upper and lower case, or some
            sources have a split and others none.
    """
    if len(sources) == 1:
        return sources[0]
    received = f"Received: data={list(places)}"
    names = dict.fromkeys(name for s in sources for name in s.class_names)
    check_class_names(names, received)
    _note_new_classes(sources, places)
    class_names = tuple(sorted(names, key=natural))
    index = {name: label for label, name in enumerate(class_names)}
    with_split = [source.splits is not None for source in sources]
    check_same_splits(with_split, places)
    fronts = prefixes(places)
    starts = np.cumsum([0, *map(len, sources)]).tolist()
    prefixed = list(zip(fronts, sources, strict=True))
    return Source(
        class_names=class_names,
        names=tuple(f"{p}/{name}" for p, s in prefixed for name in s.names),
        labels=np.concatenate(
            [
                np.array([index[n] for n in s.class_names], np.int32)[s.labels]
                for s in sources
            ]
        ),
        digests=tuple(digest for s in sources for digest in s.digests),
        read=functools.partial(_read, sources, starts),
        splits=(
            np.concatenate([np.asarray(s.splits) for s in sources])
            if all(with_split)
            else None
        ),
        groups=_groups(sources, starts),
        strict=any(source.strict for source in sources),
        attributes=_attributes(sources),
        columns=_columns(sources),
        left_out=tuple(
            (f"{p}/{path}", why)
            for p, s in prefixed
            for path, why in s.left_out
        ),
    )


def _note_new_classes(sources, places, most=5):
    """Returns a note: which classes a place adds to those before it."""
    known = set(sources[0].class_names)
    for source, place in zip(sources[1:], places[1:], strict=True):
        new = [name for name in source.class_names if name not in known]
        known.update(new)
        if new:
            shown = ", ".join(map(repr, new[:most]))
            more = f" and {len(new) - most} more" if len(new) > most else ""
            count = f"{len(new)} new class{'es' * (len(new) > 1)}"
            tell(f"{place} adds {count}: {shown}{more}.")


def check_same_splits(with_split, places):
    """Checks that all of several places have a split, or none.

    Args:
        with_split: Whether it has one, for each place.
        places: The places.

    Raises:
        ValueError: If some have one.
    """
    if any(with_split) and not all(with_split):
        pairs = zip(places, with_split, strict=True)
        without = [place for place, has in pairs if not has]
        raise ValueError(
            "All places must have a split, or none: pictures without one would "
            "be left out. Put them into the class folders of the other's "
            f"train. Received: data={list(places)}, without a split: "
            f"{without}"
        )


def prefixes(places):
    """Returns the last part of each place, numbered where it is not unique.

    Args:
        places: The places, strings.
    """
    found = []
    for place in places:
        path = place.rpartition(":")[2]
        stem = pathlib.Path(path).resolve().name or "data"
        prefix, number = stem, 1
        while prefix in found:
            number += 1
            prefix = f"{stem}-{number}"
        found.append(prefix)
    return found


def _read(sources, starts, index):
    which = bisect.bisect_right(starts, index) - 1
    return sources[which].read(index - starts[which])


def _groups(sources, starts):
    if all(source.groups is None for source in sources):
        return None
    parts, first = [], 0
    for source in sources:
        groups = source.groups
        if groups is None:
            groups = np.arange(len(source))
        parts.append(np.asarray(groups) + first)
        first += int(np.max(groups, initial=-1)) + 1
    return np.concatenate(parts).astype(np.int32)


def _attributes(sources):
    result = {}
    for name in dict.fromkeys(n for s in sources for n in s.attributes):
        values = dict.fromkeys(
            v for s in sources for v in s.attributes.get(name, ((), ()))[0]
        )
        index = {value: i for i, value in enumerate(values)}
        parts = []
        for source in sources:
            own, indices = source.attributes.get(name, ((), None))
            if indices is None:
                indices = np.full(len(source), -1)
            table = np.array([*(index[value] for value in own), -1], np.int32)
            parts.append(table[indices])  # -1, unknown, takes the last
        result[name] = (tuple(values), np.concatenate(parts))
    return result


def _columns(sources):
    names = dict.fromkeys(name for s in sources for name in s.columns)
    return {
        name: tuple(
            text
            for s in sources
            for text in s.columns.get(name, ("",) * len(s))
        )
        for name in names
    }
