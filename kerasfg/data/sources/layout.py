"""Finds out which folders of a folder of pictures are classes, which splits."""

import collections
import dataclasses

from kerasfg.data.files.find import A_FOLDER
from kerasfg.data.files.find import natural
from kerasfg.data.files.left_out import LOOSE
from kerasfg.data.files.left_out import describe_left_out
from kerasfg.data.splits import SPLITS

# Folders above the classes that are the split, in upper or lower case.
SPLIT_FOLDERS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}


@dataclasses.dataclass(frozen=True)
class Layout:
    """How the files of a folder are taken.

    Attributes:
        files: List of `(file, class folder, split)`; the split is `""` where
            the folder has none.
        left_out: Further pairs of a name and why, as `Found.left_out`.
        notes: Lines for the terminal: how the layout was understood.
    """

    files: list
    left_out: list
    notes: list


class LayoutReader:
    """Takes the folders of a place apart.

    Args:
        found: `kerasfg.data.files.find.Found`, or an object with its
            attributes.
        place: The place, for messages.
        level: How many folders a picture's class is below the place, or below
            its folders `train`, `val` and `test`. Defaults to `0`: found out,
            with an error if that is not clear.
    """

    def __init__(self, found, place, level=0):
        self.found = found
        self.level = level
        self.received = f"Received: directory={str(place)!r}"
        self.place = place
        self.files = [(f, tuple(f.name.split("/"))) for f in found.pictures]
        self.folders = [tuple(name.split("/")) for name in found.folders]

    def read(self):
        """Returns the `Layout`.

        Raises:
            ValueError: If the folder has no classes, or they are unclear.
        """
        if not self.folders:
            raise self._without_folders()
        self._check_readable([parts for parts in self.folders if not parts[1:]])
        splits = self._split_folders()
        start = 1 if splits else 0
        inside = [
            (file, parts)
            for file, parts in self.files
            if len(parts) > start + 1 and (not splits or parts[0] in splits)
        ]
        level = start + (self.level or self._clear_level(inside, start))
        kept, left_out = [], []
        for file, parts in self.files:
            if len(parts) > level and (not splits or parts[0] in splits):
                split = splits.get(parts[0], "") if splits else ""
                kept.append((file, parts[:level], split))
            elif file.problem != A_FOLDER:
                left_out.append((file.name, LOOSE))
        files = self._named(kept, level, start)
        if not splits:
            return Layout(files, left_out, [])
        notes = [self._note(files, splits)]
        if {split for _, _, split in files} == {"train"}:
            # A folder without classes is not a test set: the split is drawn.
            files = [(file, class_name, "") for file, class_name, _ in files]
        return Layout(files, left_out, notes)

    def _check_readable(self, folders):
        """Raises an error if one of some folders could not be read."""
        problems = {parts: file.problem for file, parts in self.files}
        for parts in folders:
            if problems.get(parts) not in (None, A_FOLDER):
                raise ValueError(
                    "The folders of classes must be readable: give yourself "
                    "the right to read them, or move them away. "
                    f"{self.received}, with {'/'.join(parts)!r}: "
                    f"{problems[parts]}"
                )

    def _without_folders(self):
        if self.files:
            return ValueError(
                f"{len(self.files)} pictures are directly in the folder. Move "
                "them into one folder per class, named like the class. "
                f"{self.received}"
            )
        others = describe_left_out(self.found.left_out)
        return ValueError(
            f"The folder {'has no pictures' if others else 'is empty'}. It "
            "must hold one folder of pictures per class. "
            f"{self.received}{f', with {others}' if others else ''}"
        )

    # === Splits ===

    def _split_folders(self):
        """Returns the split of each folder on top that is one, or nothing."""
        tops = dict.fromkeys(parts[0] for parts in self.folders)
        words = {top: SPLIT_FOLDERS.get(top.strip().casefold()) for top in tops}
        words = {top: word for top, word in words.items() if word}
        nested = {parts[0] for _, parts in self.files if len(parts) > 2}
        held = {parts[0] for _, parts in self.files if len(parts) > 1}
        deep = [top for top in words if top in nested]
        others = [top for top in tops if top in held and top not in words]
        if self.level and (others or not deep):
            return {}  # the user states that these are classes
        if words and held and not others and not deep:
            raise ValueError(
                f"The folders {_listed(list(words))} are named like a split "
                "but hold no class folders. Move their pictures into one "
                "folder per class in them; if they are classes, set "
                f"`class_level` to 1. {self.received}, class_level=0"
            )
        if not deep:
            return {}
        if others:
            raise ValueError(
                "The folder must hold either its split or its classes: there "
                f"are folders of a split with classes inside ({_listed(deep)}) "
                f"next to {_listed(others)}. Move one of them away, or give by "
                "`class_level` how many folder levels down the classes are. "
                f"{self.received}, class_level=0"
            )
        if "train" not in {words[top] for top in deep}:
            raise ValueError(
                "A split must have a folder train with class folders. "
                f"{self.received}, with {_listed(deep)}"
            )
        return words

    def _note(self, files, splits):
        counts = collections.Counter(split for _, _, split in files)
        classes = len({class_name for _, class_name, _ in files})
        if set(counts) == {"train"}:
            only = [top for top, split in splits.items() if split == "train"]
            return (
                f"Only {_listed(only)} of {self.place} has class folders: its "
                f"{counts['train']} pictures of {classes} classes are used."
            )
        counted = ", ".join(
            f"{counts[split]} {split}" for split in SPLITS if counts[split]
        )
        return (
            f"The folders {_listed(list(splits))} of {self.place} are taken as "
            f"the split: {counted} pictures of {classes} classes."
        )

    # === Levels ===

    def _clear_level(self, inside, start):
        """Returns 1 if the uppermost folders are the classes beyond doubt.

        In a split it is 2 if each part has one folder around its classes.
        """
        direct = {p[start] for _, p in inside if len(p) == start + 2}
        nested = {p[start] for _, p in inside if len(p) > start + 2}
        deeper = sorted(nested - direct, key=natural)
        if not deeper:
            return 1
        seconds = {
            p[start : start + 2]
            for _, p in inside
            if len(p) > start + 2 and p[start] in deeper
        }
        seconds = sorted(seconds, key=_in_order)
        example = "/".join(seconds[0])
        on_top = sorted(direct | nested)
        if len(on_top) == 1 and start:
            held = {p[start:-1] for _, p in inside if len(p) == start + 3}
            if len(held) > 1 and held == set(seconds):
                return 2  # as in train/images/a and test/images/a
        elif len(on_top) == 1:
            raise ValueError(
                f"All pictures are in the one folder {deeper[0]!r}, in folders "
                f"such as {example!r}. If those are the classes, name that "
                "folder as the place of the pictures. "
                f"{self.received}, with only {on_top}"
            )
        mixed = (
            f", next to {_listed(sorted(direct, key=natural))} with their own "
            "pictures"
            if direct
            else ""
        )
        raise ValueError(
            f"It is not clear which folders are the classes: {_listed(deeper)} "
            f"hold no pictures but folders of pictures ({len(seconds)}), such "
            f"as {example!r}{mixed}. Set `class_level` to 1 if the upper "
            "folders are the classes, to 2 if the folders in them are. "
            f"{self.received}, class_level=0"
        )

    def _named(self, kept, level, start):
        """Gives each file its class, checking the folders of the classes."""
        owners = {}  # the folders of each class name, without the split
        for _, folders, _ in kept:
            owners.setdefault(folders[-1], set()).add(folders[start:])
        double = {n: sorted(f) for n, f in owners.items() if len(f) > 1}
        if double:
            name, folders = next(iter(double.items()))
            shown = _listed(["/".join(parts) for parts in folders])
            raise ValueError(
                f"{len(double)} class names stand for several folders: "
                f"{name!r} for {shown}. Rename them if they are different "
                "classes; if they are one, give the folders above them as "
                f"several places. {self.received}"
            )
        self._check_empty(owners, level, {folders[0] for _, folders, _ in kept})
        files = [(file, folders[-1], s) for file, folders, s in kept]
        # Of several splits, the same class comes from several folders.
        return sorted(files, key=lambda f: natural(f[1])) if start else files

    def _check_empty(self, owners, level, tops):
        folders = [
            folder
            for folder in self.folders
            if len(folder) == level and (level == 1 or folder[0] in tops)
        ]
        self._check_readable(folders)
        empty = [folder[-1] for folder in folders if folder[-1] not in owners]
        empty = list(dict.fromkeys(empty))
        if not empty:
            return
        held = [
            pair
            for pair in self.found.left_out
            if len(pair[0].split("/")) > level
            and pair[0].split("/")[level - 1] in empty
        ]
        others = describe_left_out(held)
        others = f", with {others}" if others else ""
        raise ValueError(
            "Every class folder must hold pictures. Add pictures to the empty "
            "folders or remove them. "
            f"{self.received}, empty={empty}{others}"
        )


def _in_order(parts):
    return [natural(part) for part in parts]


def _listed(names, most=5):
    shown = ", ".join(repr(name) for name in names[:most])
    more = len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown
