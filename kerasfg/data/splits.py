"""Assigns pictures to training, validation and test."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Iterable
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kerasfg.atomic_file import replacing
from kerasfg.data.tables import posix_name
from kerasfg.data.tables import read_rows
from kerasfg.one_line import few_names

SPLITS = ("train", "val", "test")
UNUSED = "unused"  # the split of pictures that are left out on purpose
_SYNONYMS = {"validation": "val", "valid": "val"}

TEST_SHARE = 0.25
VAL_SHARE = 0.15
_SHOWN = 3  # pictures that a warning names
MIN_PICTURES = 3  # in a class: one for each split


def assign_splits(
    labels: npt.ArrayLike,
    splits: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    val_share: float = VAL_SHARE,
    names: Sequence[str] | None = None,
) -> npt.NDArray[np.str_]:
    """Assigns each picture to train, validation or test.

    Given splits are kept. Missing splits are drawn, separately for each class:

    | given | test | validation | train |
    | --- | --- | --- | --- |
    | nothing | 25 % | 15 % | 60 % |
    | train, test | as given | 15 % of train | the rest of train |
    | train, val | the given val | 15 % of train | the rest of train |
    | train, val, test | as given | as given | as given |

    A class with at least three pictures, none of them in a group with pictures
    of other classes, gets at least one picture in each drawn split and always
    keeps one in train. If some pictures have a split, those without one are
    left out with a warning. Pictures of the split `"unused"` keep it.

    Args:
        labels: Integer class of each picture, shape `(pictures,)`.
        splits: `"train"`, `"val"`, `"test"`, `"unused"` or `""` for each
            picture, or `None`. Defaults to `None`.
        groups: Integer for each picture; pictures with the same one, such as
            copies, are drawn together. Defaults to `None`: no such pictures.
        seed: Seed of the draw, a non-negative integer. Defaults to `0`.
        class_names: Class names for error messages. Defaults to `None`:
            messages name the labels.
        val_share: Share of the validation pictures, 15 % in the table above.
            Defaults to `0.15`.
        names: Names of the pictures for a warning. Defaults to `None`.

    Returns:
        String array `(pictures,)` of `"train"`, `"val"`, `"test"` and, for
        pictures that are left out, `"unused"` or `""`.

    Raises:
        ValueError: If a given split is another word, if no picture is in train
            or in test, if a class has no picture in train, or if no split is
            given and a class has fewer than three pictures.

    Example:

    >>> splits = assign_splits([0] * 20 + [1] * 20)
    >>> [int(np.sum(splits == name)) for name in SPLITS]
    [24, 6, 10]
    """
    labels = np.asarray(labels)
    if groups is None:
        groups = np.arange(len(labels))
    groups = np.asarray(groups)
    random = np.random.default_rng(seed)
    if splits is None or not np.any(np.asarray(splits) != ""):
        _check_drawable(labels, class_names)
        result = np.full(len(labels), "train", dtype="<U5")
        _draw(result, "test", TEST_SHARE, labels, groups, random)
        # `val_share` is of all pictures, but the test pictures are taken.
        share = val_share / (1 - TEST_SHARE)
        _draw(result, "val", share, labels, groups, random, MIN_PICTURES - 1)
        return result
    result = _checked_splits(splits, labels)
    if not np.any(result == "test"):
        result[result == "val"] = "test"
    _check_given(result, labels, class_names)
    _warn_of_leaks(result, groups, names)
    if not np.any(result == "val"):
        _draw(result, "val", val_share, labels, groups, random)
    return result


def read_splits(
    filepath: str | os.PathLike[str], names: Iterable[str] = ()
) -> dict[str, str]:
    """Reads a CSV file with the columns `path` and `split`.

    Args:
        filepath: Path of the file. A split is `train`, `val`, `test` or
            `unused`, in upper or lower case; `valid` and `validation` mean
            `val`.
        names: Names of pictures. A path that is one of them is taken as it
            is; others lose the blanks at their ends, and their backslashes
            become slashes. Defaults to `()`.

    Returns:
        Dictionary from the name of a picture to its split.

    Raises:
        ValueError: If a column is missing, a split is another word, or a
            picture has two splits.
    """
    result, exact = {}, frozenset(names)
    for line, row in read_rows(filepath, ("path", "split")):
        split = split_named(row["split"])
        path = row["path"]
        name = path if path in exact else posix_name(path)
        if split is None:
            raise ValueError(
                f"Line {line} of {filepath}: a split must be one of {SPLITS}, "
                f"or {UNUSED!r}. "
                f"Received: split={row['split']!r}"
            )
        if result.setdefault(name, split) != split:
            raise ValueError(
                f"Line {line} of {filepath}: a picture must have one split. "
                f"Received: path={name!r} in {result[name]!r} and {split!r}"
            )
    return result


def trained_on(
    filepath: str | os.PathLike[str],
    names: Sequence[str],
    splits: Iterable[str],
    place: str | None = None,
) -> list[str]:
    """Finds what a run was trained on that another validates or tests on.

    Args:
        filepath: The `splits.csv` of the run.
        names: Names of the other's pictures.
        splits: Their splits.
        place: A first part of names that does not count, where one of the two
            has several places and so the place in front of its names; `""` for
            any. Defaults to `None`: all parts count.

    Returns:
        Sorted names of pictures that are `val` or `test`, but `train` in the
        file.
    """
    known = read_splits(filepath, names)
    learned = {name for name, split in known.items() if split == "train"}
    learned |= {_inner(name, place) for name in learned}
    return sorted(
        name
        for name, split in zip(names, splits, strict=True)
        if split in ("val", "test") and {name, _inner(name, place)} & learned
    )


def _inner(name, place):
    """Returns a name without its first part, if that is the place."""
    first, _, rest = name.partition("/")
    return rest if rest and place in ("", first) else name


def split_named(word: str) -> str | None:
    """Returns the split that a word means, or `None` if it means none.

    Example:

    >>> split_named(" Validation")
    'val'
    """
    word = word.strip().lower()
    split = _SYNONYMS.get(word, word)
    return split if split in (*SPLITS, UNUSED) else None


def write_splits(
    filepath: str | os.PathLike[str],
    names: Iterable[str],
    splits: Iterable[str],
) -> None:
    """Writes splits as a CSV file for `read_splits`.

    Pictures without a split are left out. The file is written completely or
    not at all.

    Args:
        filepath: Path of the file.
        names: Name of each picture.
        splits: Split of each picture.
    """
    rows = [row for row in zip(names, splits, strict=True) if row[1]]
    with (
        replacing(filepath) as temporary_path,
        temporary_path.open(
            "w", encoding="utf-8", errors="surrogateescape", newline=""
        ) as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "split"))
        writer.writerows(rows)


def _draw(result, split, share, labels, groups, random, minimum=MIN_PICTURES):
    """Moves a share of each class's train pictures to another split.

    A greedy draw: the groups are tried in random order, and a group is moved
    if no class gets more than its share. Then each class of at least `minimum`
    pictures that got none takes the smallest group that leaves every class a
    train picture.
    """
    train = np.flatnonzero(result == "train")
    available = np.bincount(labels[train])
    wanted = np.floor(available * share + 0.5).astype(int)
    wanted = np.maximum(wanted, available >= minimum)
    wanted = np.minimum(wanted, np.maximum(available - 1, 0))
    taken = np.zeros_like(wanted)
    left = []
    for unit in _members(groups[train], random):
        members = train[unit]
        classes, counts = np.unique(labels[members], return_counts=True)
        if np.all(taken[classes] + counts <= wanted[classes]):
            taken[classes] += counts
            result[members] = split
        else:
            left.append((members, classes, counts))
    left.sort(key=lambda unit: len(unit[0]))
    for members, classes, counts in left:
        needed = np.any((taken[classes] == 0) & (wanted[classes] > 0))
        spare = available[classes] - taken[classes] - counts
        if needed and np.all(spare >= 1):
            taken[classes] += counts
            result[members] = split


def _members(groups, random):
    """Returns the positions of each group's pictures, in random order."""
    _, groups = np.unique(groups, return_inverse=True)
    order = np.argsort(groups, kind="stable")
    units = np.split(order, np.cumsum(np.bincount(groups))[:-1])
    return [units[index] for index in random.permutation(len(units))]


def _checked_splits(splits, labels):
    unknown = sorted(set(map(str, splits)) - {*SPLITS, UNUSED, ""})
    if unknown or len(splits) != len(labels):
        raise ValueError(
            f"Argument `splits` must hold one of {SPLITS}, {UNUSED!r} or '' "
            f"for each picture. Received: {len(splits)} for {len(labels)} "
            f"pictures, unknown={unknown}"
        )
    result = np.array(splits, dtype="<U6")
    missing = int(np.sum(result == ""))
    if missing:
        warnings.warn(
            f"{missing} of {len(result)} pictures have no split and are left "
            "out, because others have one.",
            stacklevel=3,
        )
    return result


def _check_drawable(labels, class_names):
    few = {
        _name(label, class_names): int(count)
        for label, count in zip(
            *np.unique(labels, return_counts=True), strict=True
        )
        if count < MIN_PICTURES
    }
    if few:
        raise ValueError(
            f"Every class must have at least {MIN_PICTURES} pictures: one for "
            "training, one for validation and one for the test. Add pictures "
            f"to these classes or remove them. Received: {few}"
        )


def _check_given(result, labels, class_names):
    missing = [s for s in ("train", "test") if not np.any(result == s)]
    if missing:
        raise ValueError(
            f"The given splits must have pictures for {missing}; without any "
            "given split all three are drawn. "
            f"Received: {sorted(set(result.tolist()) - {''})}"
        )
    used = np.unique(labels[np.isin(result, SPLITS)])
    untrained = np.setdiff1d(used, labels[result == "train"])
    if len(untrained):
        raise ValueError(
            "The given splits must have pictures of every class in 'train'. "
            "Received none of these classes: "
            f"{few_names([_name(x, class_names) for x in untrained])}"
        )


def _warn_of_leaks(result, groups, names):
    """Warns about given splits that separate the pictures of a group."""
    for split, others in (("test", ("train", "val")), ("val", ("train",))):
        for other in others:
            known = groups[result == other]
            leaked = np.flatnonzero((result == split) & np.isin(groups, known))
            if not len(leaked):
                continue
            shown = ""
            if names is not None:
                shown = _pairs(
                    leaked, np.flatnonzero(result == other), groups, names
                )
            warnings.warn(
                f"{len(leaked)} pictures of the given {split} split have a "
                f"copy, or one of the same group, in {other}{shown}; the "
                f"accuracy on it will be too high.",
                stacklevel=4,
            )


def _pairs(leaked, known, groups, names):
    """Names the first pictures and the ones they are grouped with."""
    shown = []
    for row in leaked[:_SHOWN]:
        partner = known[np.argmax(groups[known] == groups[row])]
        shown.append(f"{names[row]} and {names[partner]}")
    rest = len(leaked) - len(shown)
    return f" ({', '.join(shown)}{f' and {rest} more' if rest else ''})"


def _name(label, class_names):
    return int(label) if class_names is None else class_names[label]


def keep_share(
    splits: npt.ArrayLike,
    labels: npt.ArrayLike,
    share: float,
    seed: int = 0,
) -> npt.NDArray[np.str_]:
    """Keeps a share of the training pictures of each class.

    A smaller share is a subset of a larger one with the same seed.

    Args:
        splits: Split of each picture, as `assign_splits` returns it.
        labels: Integer class of each picture, `(pictures,)`.
        share: Share of each class's training pictures to keep, above 0 and at
            most 1. At least one picture of a class is kept.
        seed: Seed of the draw, an integer. Defaults to `0`.

    Returns:
        String array `(pictures,)` like `splits`, with `"unused"` for the
        pictures that are left out.

    Example:

    >>> keep_share(["train", "test", "train"], [0, 0, 0], 0.5).tolist()
    ['train', 'test', 'unused']
    """
    result = np.array(splits, dtype="<U6")
    labels = np.asarray(labels)
    train = result == "train"
    for label in np.unique(labels[train]):
        rows = np.flatnonzero(train & (labels == label))
        # The same order for every share makes the shares nested.
        rows = np.random.default_rng([seed, label]).permutation(rows)
        kept = max(1, int(np.floor(len(rows) * share + 0.5)))
        result[rows[kept:]] = UNUSED
    return result
